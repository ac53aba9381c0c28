"""What date, place and plant alone say of a photo's stage, as the last refresh found it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class SeasonTable(models.Model):
    """P(stage | day of the year) at one site, or at all of them together.

    A row per site with labels enough of its own, and one without a site that serves all others. Days are bins 0..365 as
    in ``classifier.core.season``; day d's probabilities are the K numbers from d * K on.
    """

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="season_tables")
    scale = models.ForeignKey("labeling.StageScale", on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey("labeling.Site", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    n_labels = models.PositiveIntegerField(help_text="Dated labels it was made of")
    bandwidth = models.FloatField(help_text="Days over which counts are smoothed")
    borrowing = models.FloatField(help_text="Photos by which all sites weigh on one")
    probabilities = ArrayField(models.FloatField(), help_text="366 x K")
    support = ArrayField(models.FloatField(), help_text="Labelled photos near each of 366 days")
    fingerprint = models.CharField(
        max_length=64, help_text="Of the labels it was made of: the same are not fitted again"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["project", "site"], name="season_table_once_per_site", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"season of {self.project_id} at {self.site_id or 'all sites'}"


class PlantBounds(models.Model):
    """Between which stages the other photos of its plant leave a queued photo. Held-out and blind ones have no row."""

    photo = models.OneToOneField(
        "labeling.Photo", on_delete=models.CASCADE, primary_key=True, related_name="plant_bounds"
    )
    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="+")
    scale = models.ForeignKey("labeling.StageScale", on_delete=models.CASCADE, related_name="+")
    lower = models.PositiveSmallIntegerField(help_text="First stage position that is left")
    upper = models.PositiveSmallIntegerField(help_text="Last one")
    n_photos = models.PositiveIntegerField(help_text="Other photos of the plant that season")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(lower__lte=F("upper")), name="plant_bounds_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.photo_id}: {self.lower}..{self.upper}"
