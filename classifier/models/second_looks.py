"""Labels that deserve a second look, as found after a training."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class SecondLookRound(models.Model):
    """What one training run says of the labels: how many were looked through, and how many it doubts."""

    run = models.OneToOneField(
        "classifier.TrainingRun", on_delete=models.CASCADE, primary_key=True, related_name="second_look_round"
    )
    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="second_look_rounds")
    n_labels = models.PositiveIntegerField(help_text="Labels that were looked through")
    n_doubted = models.PositiveIntegerField(help_text="Of these, listed")
    noise_rate = models.FloatField(help_text="Estimated share of wrong labels, by confident learning")
    built_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-run_id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "-run"], name="second_look_round_latest"),
        ]

    def __str__(self) -> str:
        return f"second looks after training {self.run_id}"


class SecondLook(models.Model):
    """One doubtful label: what speaks against it, and what an adjudicator made of that.

    ``evidence``::

        {"probabilities": [...] the model's out of fold, in stage order,
         "against": [...] all sources that favour the suggested stage, the strongest first,
         "is_flagged": bool, whether confident learning flags it,
         "duplicates": [{"photo_id", "similarity"}], "visits": [photo ids of the same plant around it],
         "timeline": [...], "season": [...], "votes": [...] distributions of these sources; only where they speak}
    """

    class Reason(models.TextChoices):
        MODEL = "model", "The model sees another stage"
        DUPLICATES = "duplicates", "A near-duplicate has another label"
        TIMELINE = "timeline", "The plant's other photos contradict it"
        SEASON = "season", "Date and place contradict it"
        VOTES = "votes", "An expert who seldom errs disagrees"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CONFIRMED = "confirmed", "Label confirmed"
        SENT_BACK = "sent_back", "Sent back to the experts"
        DISMISSED = "dismissed", "Dismissed"

    round = models.ForeignKey(SecondLookRound, on_delete=models.CASCADE, related_name="looks")
    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="second_looks")
    photo = models.ForeignKey("labeling.Photo", on_delete=models.CASCADE, related_name="second_looks")
    label = models.ForeignKey("labeling.GrowthStage", on_delete=models.PROTECT, related_name="+")
    suggested = models.ForeignKey("labeling.GrowthStage", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason)
    doubt = models.FloatField(help_text="1 less the label's share of what all sources say")
    evidence = models.JSONField()
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "photo"], name="second_look_once_per_round"),
            models.CheckConstraint(condition=Q(doubt__range=(0, 1)), name="second_look_doubt_is_share"),
            models.CheckConstraint(condition=~Q(label=F("suggested")), name="second_look_suggests_another"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True) | ~Q(state="open") & Q(settled_at__isnull=False),
                name="second_look_settled_has_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "-doubt", "id"], condition=Q(state="open"), name="second_look_open"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.photo_id} {self.state}"
