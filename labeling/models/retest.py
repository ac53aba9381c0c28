"""Test-retest: what experts say again, blind, about photos they decided earlier. None of it is an annotation."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .practice import PracticeAnswer


class RetestRound(models.Model):
    """Photos drawn for one person, asked in this order. Nothing of its answers is told before it is finished."""

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("labeling.User", on_delete=models.CASCADE, related_name="retest_rounds")
    photos = ArrayField(models.BigIntegerField(), help_text="Those that may not be asked any more are passed over")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["project", "user"], condition=Q(finished_at__isnull=True), name="retest_one_open_round"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "user", "-id"], name="retest_round_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.project_id} since {self.started_at}"


class RetestAnswer(models.Model):
    """One second answer, with the first it is read against; stages are of the scale that was in use then."""

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("labeling.User", on_delete=models.CASCADE, related_name="retest_answers")
    photo = models.ForeignKey("labeling.Photo", on_delete=models.CASCADE, related_name="retest_answers")
    retest_round = models.ForeignKey(RetestRound, on_delete=models.CASCADE, related_name="answers")
    key = models.UUIDField(help_text="Of the answer, so that a replay changes nothing")
    kind = models.CharField(max_length=11, choices=PracticeAnswer.Kind)
    stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    stage_upper = models.ForeignKey(
        "labeling.GrowthStage", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    first_stage = models.ForeignKey("labeling.GrowthStage", on_delete=models.CASCADE, related_name="+")
    first_answered_at = models.DateTimeField()
    is_boundary = models.BooleanField(help_text="Somebody else, or the model, saw another stage")
    is_same = models.BooleanField()
    steps = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Stages apart; null: no meaning")
    elapsed_ms = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="retest_answer_key_unique"),
            models.UniqueConstraint(fields=["retest_round", "photo"], name="retest_answer_once_per_round"),
            models.CheckConstraint(
                condition=Q(kind="stage", stage__isnull=False, stage_upper__isnull=True)
                | Q(kind="between", stage__isnull=False, stage_upper__isnull=False)
                | Q(kind="cannot_tell", stage__isnull=True, stage_upper__isnull=True),
                name="retest_answer_stage_matches_kind",
            ),
            models.CheckConstraint(
                condition=Q(is_same=True, kind="stage", stage=F("first_stage"), steps__isnull=False, steps=0)
                | Q(is_same=False, kind="stage")
                & ~Q(stage=F("first_stage"))
                & (Q(steps__isnull=True) | Q(steps__gte=1))
                | Q(is_same=False, kind="between") & (Q(steps__isnull=True) | Q(steps__gte=1))
                | Q(is_same=False, kind="cannot_tell", steps__isnull=True),
                name="retest_answer_steps_match",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "user", "photo"], name="retest_answer_of_person"),
        ]

    def __str__(self) -> str:
        return f"{'same' if self.is_same else 'other'} on {self.photo_id}"
