"""Maps of a project's photos: the work of laying them out, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from classifier.models.runs import RunRecord


class PhotoMap(RunRecord):
    """One laying out of a project's photos in the plane. The latest that succeeded is shown.

    The points are a file of storage (``classifier/services/map_store.py``). ``n_fitted`` of them were laid out
    together; the rest came later and were placed among them, which a map bears for a while.
    """

    feature_space = models.CharField(max_length=80, blank=True, help_text="Whose vectors were laid out")
    artifact_key = models.CharField(max_length=200, blank=True, help_text="Storage key of the points")
    n_points = models.PositiveIntegerField(default=0)
    n_fitted = models.PositiveIntegerField(default=0)
    last_embedding = models.BigIntegerField(default=0, help_text="Vectors made after this one are not on the map")
    quality = models.JSONField(default=dict, help_text="{trustworthiness, recall} of the last whole layout")

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(state__in=["queued", "running", "lost"]), name="photo_map_one_active"
            ),
            models.CheckConstraint(
                condition=~Q(state="succeeded") | ~Q(artifact_key=""), name="photo_map_succeeded_has_points"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "-id"], condition=Q(state="succeeded"), name="photo_map_latest"),
        ]

    def __str__(self) -> str:
        return f"map {self.pk} {self.state}"
