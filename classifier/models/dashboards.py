"""The figures of a project's dashboard, and the work that computes them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Dashboard(models.Model):
    """The latest figures; ``content`` is described in ``services/dashboard.py``.

    WAITING -> RUNNING -> READY | FAILED. Figures of the last one that was ready stay until there are new ones.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Being computed"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    project = models.OneToOneField(
        "labeling.Project", on_delete=models.CASCADE, primary_key=True, related_name="dashboard"
    )
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    progress = models.FloatField(default=0.0, help_text="0..1")
    error = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(default=0.0, help_text="What the last computation took")
    scale = models.ForeignKey("labeling.StageScale", on_delete=models.CASCADE, null=True, related_name="+")
    content = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(progress__range=(0, 1)), name="dashboard_progress_is_share"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(computed_at__isnull=False, scale__isnull=False),
                name="dashboard_ready_is_complete",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="dashboard_failed_says_why"),
        ]

    def __str__(self) -> str:
        return f"dashboard of {self.project_id} {self.state}"
