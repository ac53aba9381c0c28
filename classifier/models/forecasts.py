"""How many labels targets still take, as the last refresh worked it out."""

from __future__ import annotations

from django.db import models


class LearningForecast(models.Model):
    """A project's forecast; see ``classifier.services.forecasts`` for the keys of ``told``."""

    project = models.OneToOneField(
        "labeling.Project", on_delete=models.CASCADE, primary_key=True, related_name="learning_forecast"
    )
    scale = models.ForeignKey("labeling.StageScale", on_delete=models.CASCADE, related_name="+")
    labels_now = models.PositiveIntegerField(help_text="Training labels when it was made")
    told = models.JSONField()
    built_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"forecast of {self.project_id} at {self.labels_now} labels"
