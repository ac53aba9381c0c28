"""What models computed for photos."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from pgvector.django import HalfVectorField


class Embedding(models.Model):
    """A photo in the feature space of one frozen backbone; float16."""

    photo = models.ForeignKey("labeling.Photo", on_delete=models.CASCADE, related_name="embeddings")
    backbone = models.CharField(max_length=80, help_text="Name and weights hash: a change of either is another space")
    vector = HalfVectorField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["photo", "backbone"], name="embedding_once_per_backbone"),
        ]

    def __str__(self) -> str:
        return f"{self.photo_id} in {self.backbone}"


class EmbeddingCount(models.Model):
    """How many photos of a project have a vector in a space; kept by triggers of ``Embedding``'s table."""

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="embedding_counts")
    backbone = models.CharField(max_length=80)
    n = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "backbone"], name="embedding_count_once_per_space"),
        ]

    def __str__(self) -> str:
        return f"{self.n} of {self.project_id} in {self.backbone}"


class Prediction(models.Model):
    """Calibrated probabilities of a photo by a model version, in scale order."""

    photo = models.ForeignKey("labeling.Photo", on_delete=models.CASCADE, related_name="predictions")
    model_version = models.ForeignKey("classifier.ModelVersion", on_delete=models.CASCADE, related_name="predictions")
    probabilities = ArrayField(models.FloatField())

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["photo", "model_version"], name="prediction_once_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.photo_id} by {self.model_version_id}"
