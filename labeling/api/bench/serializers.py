"""Shapes of the bench."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.api.fields import IdField
from labeling.api.links import rendition_url
from labeling.domain.decisions import MAX_BATCH
from labeling.models import QueueEntry, Reservation
from labeling.selectors.queue import SuggestionShown, pair_asked, reason_sent, suggestion_shown

KINDS = ("stage", "between", "cannot_tell", "unusable", "skip", "undo")
MODES = ("single", "grid", "pair")
REASONS = tuple(choice for choice in QueueEntry.Reason.choices if choice[0] != QueueEntry.Reason.GOLD)
"""Reasons as sent: that a photo's stage is known already is not told."""
OUTCOMES = ("applied", "duplicate", "conflict", "rejected")


class ProgressSerializer(serializers.Serializer[Any]):
    """How far one has come; ``left`` stops at 300."""

    left = serializers.IntegerField()
    mine_today = serializers.IntegerField()


class QueueStatusSerializer(ProgressSerializer):
    """How far one has come, with totals."""

    mine_total = serializers.IntegerField()
    consensus_total = serializers.IntegerField()


class QueueSuggestionSerializer(serializers.Serializer[Any]):
    """The model's suggestion; ``probabilities`` in stage order, empty when only the best stage is known."""

    position = serializers.IntegerField()
    confidence = serializers.FloatField()
    probabilities = serializers.ListField(child=serializers.FloatField())


class QueuePairSerializer(serializers.Serializer[Any]):
    """The two stages of an A/B question, each at its side."""

    left = serializers.IntegerField()
    right = serializers.IntegerField()


class QueueItemSerializer(serializers.Serializer[Any]):
    """A photo held by the reader, with what the bench shows of it."""

    photo_id = serializers.IntegerField()
    reservation = serializers.UUIDField()
    expires_at = serializers.DateTimeField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()
    full_url = serializers.CharField()
    site = serializers.CharField(allow_blank=True)
    plant = serializers.CharField(allow_blank=True)
    taken_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.ChoiceField(choices=REASONS)
    boundary = serializers.IntegerField(allow_null=True)
    pair = QueuePairSerializer(allow_null=True)
    is_blind = serializers.BooleanField()
    suggestion = QueueSuggestionSerializer(allow_null=True)


class ReserveSerializer(serializers.Serializer[Any]):
    """How many photos to hold."""

    count = serializers.IntegerField(min_value=1, max_value=20)


class ReleaseSerializer(serializers.Serializer[Any]):
    """Which of one's photos to give back; without ``photo_ids`` all that the page holds."""

    mode = serializers.ChoiceField(choices=Reservation.Mode.choices)
    photo_ids = serializers.ListField(child=IdField(), required=False, allow_null=True, default=None, max_length=200)


class ReservedSerializer(serializers.Serializer[Any]):
    """The photos held, and progress."""

    items = QueueItemSerializer(many=True)
    progress = ProgressSerializer()


class DecisionSerializer(serializers.Serializer[Any]):
    """One decision. Only its shape is checked here: what the scale does not know is answered as "rejected"."""

    key = serializers.UUIDField()
    photo_id = IdField()
    kind = serializers.ChoiceField(choices=KINDS)
    reservation = serializers.UUIDField(required=False, allow_null=True, default=None)
    scale = IdField(required=False, allow_null=True, default=None, help_text="Scale that the positions refer to")
    stage = serializers.IntegerField(required=False, allow_null=True, default=None)
    stage_upper = serializers.IntegerField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    undoes = serializers.UUIDField(required=False, allow_null=True, default=None)
    decided_at = serializers.DateTimeField()
    elapsed_ms = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, allow_null=True, default=None
    )
    mode = serializers.ChoiceField(choices=MODES, required=False, default="single")
    is_blind = serializers.BooleanField(required=False, allow_null=True, default=None)


class DecisionsSerializer(serializers.Serializer[Any]):
    """Decisions, in the order in which they were taken."""

    decisions = DecisionSerializer(many=True, min_length=1, max_length=MAX_BATCH)  # type: ignore[call-arg]


class DecisionResultSerializer(serializers.Serializer[Any]):
    """What became of one decision."""

    key = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)
    photo_id = serializers.IntegerField(allow_null=True)


class DecisionsAnsweredSerializer(serializers.Serializer[Any]):
    """What became of each decision, in the same order, and progress."""

    results = DecisionResultSerializer(many=True)
    progress = ProgressSerializer()


def queue_item(slug: str, reservation: Reservation) -> dict[str, Any]:
    """A held photo in the shape of :class:`QueueItemSerializer`, ready to send. Blind: nothing of the model.

    The serializer describes it and a test holds the two together; sixty of them would take it 8 ms.
    """
    entry = reservation.entry
    photo = entry.photo
    shown = None if entry.is_blind else suggestion_shown(entry=entry)
    pair = pair_asked(entry=entry, annotator_id=reservation.annotator_id)
    return {
        "photo_id": photo.pk,
        "reservation": reservation.token,
        "expires_at": reservation.expires_at,
        "width": photo.width,
        "height": photo.height,
        "thumb_url": rendition_url(slug, photo.pk, "thumb"),
        "view_url": rendition_url(slug, photo.pk, "view"),
        "full_url": rendition_url(slug, photo.pk, "full"),
        "site": photo.site.name if photo.site else "",
        "plant": photo.plant.name if photo.plant else "",
        "taken_at": photo.taken_at,
        "reason": reason_sent(entry=entry),
        "boundary": None if entry.is_blind else entry.boundary,
        "pair": None if pair is None else {"left": pair.left, "right": pair.right},
        "is_blind": entry.is_blind,
        "suggestion": None if shown is None else _suggestion(shown),
    }


def _suggestion(shown: SuggestionShown) -> dict[str, Any]:
    return {"position": shown.position, "confidence": shown.confidence, "probabilities": shown.probabilities}
