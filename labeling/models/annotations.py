"""What people said about photos, and what follows from it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    """Composable questions about annotations."""

    def standing(self) -> AnnotationQuerySet:
        """Not withdrawn: what counts."""
        return self.filter(withdrawn_at__isnull=True)


class Annotation(models.Model):
    """One person's (or named source's) statement about one photo. Append-only.

    Only ``withdrawn_at`` may change, once, from null: that is undo. A database trigger refuses any other update and
    every delete.
    """

    class Kind(models.TextChoices):
        STAGE = "stage", "A stage"
        BETWEEN = "between", "Between two adjacent stages"
        CANNOT_TELL = "cannot_tell", "Cannot tell"
        UNUSABLE = "unusable", "Unusable photo"

    class Mode(models.TextChoices):
        SINGLE = "single", "One photo at a time"
        GRID = "grid", "Triage grid"
        PAIR = "pair", "A/B question on two stages"
        IMPORT = "import", "Imported"
        SIMULATED = "simulated", "Simulated expert"

    photo = models.ForeignKey("labeling.Photo", on_delete=models.PROTECT, related_name="annotations")
    annotator = models.ForeignKey("labeling.User", on_delete=models.PROTECT, null=True, blank=True)
    source = models.CharField(max_length=80, blank=True, help_text="Named source of an imported annotation")
    round = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=11, choices=Kind)
    stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stage_upper = models.ForeignKey(
        "labeling.GrowthStage",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The later stage of BETWEEN",
    )
    reason = models.CharField(max_length=20, blank=True, help_text="Why it cannot be told or used")
    note = models.TextField(blank=True)
    mode = models.CharField(max_length=9, choices=Mode, default=Mode.SINGLE)
    is_blind = models.BooleanField(default=False)
    shown = models.JSONField(default=dict, help_text="Suggestion as seen: {probabilities, model_version, reason}")
    lead_time_ms = models.PositiveIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(help_text="By the annotator's clock, clamped to the server's")
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["photo", "annotator", "round"],
                condition=Q(withdrawn_at__isnull=True, annotator__isnull=False),
                name="annotation_one_standing_per_annotator",
            ),
            models.UniqueConstraint(
                fields=["photo", "source", "round"],
                condition=Q(withdrawn_at__isnull=True, annotator__isnull=True),
                name="annotation_one_standing_per_source",
            ),
            models.CheckConstraint(
                condition=Q(annotator__isnull=False, source="") | Q(annotator__isnull=True) & ~Q(source=""),
                name="annotation_has_one_author",
            ),
            models.CheckConstraint(
                condition=Q(kind="stage", stage__isnull=False, stage_upper__isnull=True)
                | Q(kind="between", stage__isnull=False, stage_upper__isnull=False)
                | Q(kind__in=["cannot_tell", "unusable"], stage__isnull=True, stage_upper__isnull=True),
                name="annotation_stage_matches_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["cannot_tell", "unusable"]) | ~Q(reason=""), name="annotation_refusal_has_reason"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["annotator", "-id"], name="annotation_by_annotator"),
            models.Index(
                fields=["annotator", "decided_at"], condition=Q(withdrawn_at__isnull=True), name="annotation_recent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.photo_id}"


class Receipt(models.Model):
    """The answer given to a decision key, so that a replay gets the same answer and changes nothing."""

    annotator = models.ForeignKey("labeling.User", on_delete=models.CASCADE)
    key = models.UUIDField()
    outcome = models.CharField(max_length=8)
    code = models.CharField(max_length=40, blank=True)
    photo = models.ForeignKey("labeling.Photo", on_delete=models.SET_NULL, null=True, blank=True)
    annotation = models.ForeignKey(Annotation, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["annotator", "key"], name="receipt_key_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.outcome}"


class Consensus(models.Model):
    """What a photo is held to show, computed from its standing annotations alone."""

    class Outcome(models.TextChoices):
        STAGE = "stage", "A stage"
        UNUSABLE = "unusable", "Unusable"
        UNDECIDABLE = "undecidable", "Not decidable"

    photo = models.OneToOneField("labeling.Photo", on_delete=models.CASCADE, primary_key=True, related_name="consensus")
    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="consensuses")
    outcome = models.CharField(max_length=11, choices=Outcome)
    stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.PROTECT, null=True, blank=True)
    distribution = ArrayField(models.FloatField(), default=list, help_text="Probability of each stage, in scale order")
    consensus_quality = models.FloatField(help_text="Probability of `stage`")
    annotator_agreement = models.FloatField(help_text="Share of annotations that name `stage`")
    n_annotations = models.PositiveSmallIntegerField()
    is_adjudicated = models.BooleanField(default=False)
    is_gold = models.BooleanField(default=False)
    decided_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(outcome="stage", stage__isnull=False) | ~Q(outcome="stage") & Q(stage__isnull=True),
                name="consensus_stage_matches_outcome",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "decided_at"], name="consensus_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.photo_id}"


class Adjudication(models.Model):
    """A photo its experts disagree on: waiting for an adjudicator, settled by one, or sent back to be asked again.

    ``round`` is the round being asked. Sending back starts the next one: earlier annotations stay and stop counting,
    and those who gave them may be asked again.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SETTLED = "settled", "Settled"
        SENT_BACK = "sent_back", "Sent back"

    photo = models.OneToOneField(
        "labeling.Photo", on_delete=models.CASCADE, primary_key=True, related_name="adjudication"
    )
    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="adjudications")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    round = models.PositiveSmallIntegerField(default=1)
    stage_gap = models.PositiveSmallIntegerField(help_text="Largest difference in stages between two annotations")
    opened_at = models.DateTimeField(auto_now_add=True)
    settled_by = models.ForeignKey("labeling.User", on_delete=models.SET_NULL, null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "sent_back"], settled_at__isnull=True)
                | Q(state="settled", settled_at__isnull=False),
                name="adjudication_settled_has_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["project", "-stage_gap", "opened_at"], condition=Q(state="open"), name="adjudication_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.photo_id}"


class AdjudicationEvent(models.Model):
    """What an adjudicator decided, when, on what grounds. Append-only, by a trigger: the history of a photo."""

    class Outcome(models.TextChoices):
        STAGE = "stage", "A stage"
        UNUSABLE = "unusable", "Unusable"
        UNDECIDABLE = "undecidable", "Not decidable"
        SEND_BACK = "send_back", "Sent back"

    photo = models.ForeignKey("labeling.Photo", on_delete=models.PROTECT, related_name="adjudication_events")
    project = models.ForeignKey("labeling.Project", on_delete=models.PROTECT, related_name="+")
    adjudicator = models.ForeignKey("labeling.User", on_delete=models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=11, choices=Outcome)
    stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)
    shown = models.JSONField(default=dict, help_text="Opinions and suggestion as seen")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(outcome="stage", stage__isnull=False) | ~Q(outcome="stage") & Q(stage__isnull=True),
                name="adjudication_event_stage_matches_outcome",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "id"], name="adjudication_event_export"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} on {self.photo_id}"
