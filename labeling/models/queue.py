"""The review queue: query batches, their entries, and who holds which."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class QueryBatch(models.Model):
    """What one acquisition chose to ask. A newer batch replaces the open entries of the older ones."""

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="query_batches")
    source = models.CharField(
        max_length=40, help_text='Acquisition that made it: "arrival", "cold_start", "ordinal_uncertainty"'
    )
    model_version = models.CharField(max_length=40, blank=True, help_text="Opaque id of what scored it")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"


class QueueEntryQuerySet(models.QuerySet["QueueEntry"]):
    """Composable questions about entries."""

    def askable(self) -> QueueEntryQuerySet:
        """What still wants an answer for its own sake: gold checks are open for ever."""
        return self.filter(open_slots__gt=0).exclude(reason=QueueEntry.Reason.GOLD)


class QueueEntry(models.Model):
    """One photo waiting for decisions.

    Invariant: ``open_slots`` = annotations wanted - annotations given in this round - reservations (a lapsed one counts
    until it is reclaimed), kept under this row's lock. It may fall below zero: a decision that arrives after its lease
    lapsed is taken even though the slot went to somebody else, and the sum must still come out when that one is freed.
    An entry with ``open_slots <= 0`` is handed to nobody; it leaves the queue when the photo is settled.

    Two reasons bend it. A GOLD entry wants a fixed large number and answers do not count (``gold_planting.py``). A
    TRIAGE entry exists only while a grid holds its photo, or once somebody has answered; its ``probabilities`` end with
    the suggested stage, the only one that is known (``services/triage.py``).
    """

    class Reason(models.TextChoices):
        ARRIVAL = "arrival", "In order of arrival"
        DIVERSE = "diverse", "Unlike anything labelled"
        BOUNDARY = "boundary", "Between two stages"
        UNCERTAIN = "uncertain", "The model is unsure"
        DISAGREE = "disagree", "Models and experts differ"
        SEASON = "season", "Early or late for its date and site"
        TIMELINE = "timeline", "At odds with the plant's other photos"
        RANDOM = "random", "Random check"
        EVALUATION = "evaluation", "Evaluation set"
        SENT_BACK = "sent_back", "Sent back by an adjudicator"
        TRIAGE = "triage", "Taken into the triage grid"
        GOLD = "gold", "Stage known: measures the expert"

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="queue_entries")
    batch = models.ForeignKey(QueryBatch, on_delete=models.CASCADE, related_name="entries")
    photo = models.OneToOneField("labeling.Photo", on_delete=models.CASCADE, related_name="queue_entry")
    rank = models.PositiveIntegerField(help_text="Place in the queue; lower is asked first")
    utility = models.FloatField(default=0.0)
    reason = models.CharField(max_length=10, choices=Reason)
    boundary = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="b: torn between positions b and b + 1 of the scale"
    )
    is_blind = models.BooleanField(default=False)
    probabilities = ArrayField(models.FloatField(), default=list, blank=True, help_text="As suggested, in stage order")
    open_slots = models.SmallIntegerField()

    objects = QueueEntryQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(reason="boundary") | Q(boundary__isnull=False), name="entry_boundary_named"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "rank", "id"], condition=Q(open_slots__gt=0), name="entry_next"),
        ]

    def __str__(self) -> str:
        return f"#{self.rank} photo {self.photo_id}"


class Reservation(models.Model):
    """A lease on one slot of an entry, by which no photo is handed to more people than are wanted.

    It guards the handing out, not the answer: a decision after its expiry counts if the photo still wants one.
    """

    class Mode(models.TextChoices):
        SINGLE = "single", "One photo at a time"
        GRID = "grid", "Triage grid"

    entry = models.ForeignKey(QueueEntry, on_delete=models.CASCADE, related_name="reservations")
    annotator = models.ForeignKey("labeling.User", on_delete=models.CASCADE, related_name="reservations")
    mode = models.CharField(
        max_length=6, choices=Mode, default=Mode.SINGLE, help_text="The page that holds it, and shows no other's"
    )
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "annotator"], name="reservation_one_per_annotator"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["expires_at"], name="reservation_expiry")]

    def __str__(self) -> str:
        return f"{self.entry_id} by {self.annotator_id}"


class Skip(models.Model):
    """An expert passed on a photo; it is not handed to the same expert again before ``until``."""

    photo = models.ForeignKey("labeling.Photo", on_delete=models.CASCADE)
    annotator = models.ForeignKey("labeling.User", on_delete=models.CASCADE)
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["photo", "annotator"], name="skip_once"),
        ]

    def __str__(self) -> str:
        return f"{self.photo_id} by {self.annotator_id}"


class Suggestion(models.Model):
    """The latest stage a model proposes for a photo: bare and narrow; full probabilities stay with the classifier."""

    photo = models.OneToOneField(
        "labeling.Photo", on_delete=models.CASCADE, primary_key=True, related_name="suggestion"
    )
    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()
    confidence = models.FloatField()
    model_version = models.CharField(max_length=40)
    is_open = models.BooleanField(
        default=True, help_text="The photo waits for decisions; kept with its consensus and adjudication, for the grid"
    )

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["project", "position", "-confidence", "photo"],
                condition=Q(is_open=True),
                name="suggestion_triage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.photo_id}: {self.position}"
