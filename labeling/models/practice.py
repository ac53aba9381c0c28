"""Practice: what new experts say about photos whose stage is known. None of it is an annotation."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Practice(models.Model):
    """Where one person stands with practising in one project.

    Without a row, or UNDECIDED, somebody is new until they have annotated in the project, and has to practise where
    the project asks that of new experts. PRACTISING: an admin sent them. COUNTS: they met the rule, or an admin let
    them pass. Only answers since ``since`` count towards the rule.
    """

    class State(models.TextChoices):
        UNDECIDED = "undecided", "Nobody has decided"
        PRACTISING = "practising", "Has to practise"
        COUNTS = "counts", "Counts"

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="practices")
    user = models.ForeignKey("labeling.User", on_delete=models.CASCADE, related_name="practices")
    state = models.CharField(max_length=10, choices=State, default=State.UNDECIDED)
    since = models.DateTimeField(default=timezone.now, help_text="Earlier answers are of an earlier round")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "labeling.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="Null: the rule"
    )
    asked_photo = models.ForeignKey(
        "labeling.Photo", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "user"], name="practice_once_per_person"),
            models.CheckConstraint(
                condition=Q(state="undecided", decided_at__isnull=True)
                | Q(state__in=["practising", "counts"], decided_at__isnull=False),
                name="practice_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.project_id}: {self.state}"


class PracticeAnswer(models.Model):
    """One answer given in practice, with the stage that was known then. Neither an annotation nor counted as one."""

    class Kind(models.TextChoices):
        STAGE = "stage", "A stage"
        BETWEEN = "between", "Between two adjacent stages"
        CANNOT_TELL = "cannot_tell", "Cannot tell"

    class Grade(models.TextChoices):
        EXACT = "exact", "The known stage"
        NEAR = "near", "At most one stage off"
        FAR = "far", "Wrong"
        UNSURE = "unsure", "Could not tell"

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("labeling.User", on_delete=models.CASCADE, related_name="practice_answers")
    photo = models.ForeignKey("labeling.Photo", on_delete=models.CASCADE, related_name="practice_answers")
    key = models.UUIDField(help_text="Of the answer, so that a replay changes nothing")
    kind = models.CharField(max_length=11, choices=Kind)
    stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    stage_upper = models.ForeignKey(
        "labeling.GrowthStage", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    known_stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.CASCADE, related_name="+")
    is_boundary = models.BooleanField(help_text="Somebody, or the model, saw a stage beside the known one")
    grade = models.CharField(max_length=6, choices=Grade)
    elapsed_ms = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="practice_answer_key_unique"),
            models.CheckConstraint(
                condition=Q(kind="stage", stage__isnull=False, stage_upper__isnull=True)
                | Q(kind="between", stage__isnull=False, stage_upper__isnull=False)
                | Q(kind="cannot_tell", stage__isnull=True, stage_upper__isnull=True),
                name="practice_answer_stage_matches_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="cannot_tell", grade="unsure")
                | Q(kind="between", grade__in=["near", "far"])
                | Q(kind="stage", grade__in=["exact", "near", "far"]),
                name="practice_answer_grade_matches_kind",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "user", "id"], name="practice_answer_of_person"),
            models.Index(fields=["photo", "user"], name="practice_answer_of_photo"),
        ]

    def __str__(self) -> str:
        return f"{self.grade} on {self.photo_id}"
