"""How good annotators are, and how far they agree: computed by a worker from their annotations, read by pages."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class AnnotatorQuality(models.Model):
    """The error model of one annotator or source on one scale; see ``domain/annotator_model.py`` for the meaning.

    ``up[b]``: probability of naming a stage past boundary b when the truth lies just before it; ``down[b]``: of naming
    one before it when the truth lies just after. Both have one entry per boundary of the scale.
    """

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="annotator_qualities")
    scale = models.ForeignKey("labeling.StageScale", on_delete=models.CASCADE, related_name="+")
    annotator = models.ForeignKey("labeling.User", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=80, blank=True, help_text="Named source of imported annotations")
    up = ArrayField(models.FloatField())
    down = ArrayField(models.FloatField())
    carry = models.FloatField(help_text="Probability of erring one stage further, once an error is made")
    accuracy = models.FloatField(help_text="Expected share of annotations that name the true stage")
    n_annotations = models.PositiveIntegerField(help_text="Standing annotations it was computed from")
    n_gold = models.PositiveIntegerField(default=0, help_text="Of these, on photos of known stage")
    computed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["scale", "annotator"], condition=Q(annotator__isnull=False), name="quality_once_per_annotator"
            ),
            models.UniqueConstraint(
                fields=["scale", "source"], condition=Q(annotator__isnull=True), name="quality_once_per_source"
            ),
            models.CheckConstraint(
                condition=Q(annotator__isnull=False, source="") | Q(annotator__isnull=True) & ~Q(source=""),
                name="quality_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(carry__range=(0, 1)) & Q(accuracy__range=(0, 1)), name="quality_are_shares"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.annotator_id or self.source}: {self.accuracy:.2f}"


class AgreementReport(models.Model):
    """The latest figures of a project's agreement page, and the state of the work that computes them."""

    project = models.OneToOneField(
        "labeling.Project", on_delete=models.CASCADE, primary_key=True, related_name="agreement_report"
    )
    scale = models.ForeignKey("labeling.StageScale", on_delete=models.CASCADE, null=True, related_name="+")
    content = models.JSONField(default=dict, help_text="See ``services/agreement_report.py``")
    n_annotations = models.PositiveIntegerField(default=0, help_text="Standing annotations it was computed from")
    computed_at = models.DateTimeField(null=True, blank=True)
    requested_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True, help_text="Set while a worker computes it")
    progress = models.FloatField(default=0.0, help_text="0..1")
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"agreement of {self.project_id}"
