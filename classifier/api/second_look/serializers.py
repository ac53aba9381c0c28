"""Shapes of the second look."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from classifier.models import SecondLook
from classifier.selectors.second_look import Companion
from labeling.api.adjudication.serializers import OpinionSerializer, opinion_rows
from labeling.api.links import rendition_url
from labeling.selectors.adjudications import opinions_in

OUTCOMES = ("confirm", "send_back", "dismiss")


class SecondLooksAskSerializer(serializers.Serializer[Any]):
    """Which doubts are wanted; all of them by default."""

    reason = serializers.ChoiceField(choices=SecondLook.Reason.choices, required=False, default=None)
    stage = serializers.IntegerField(
        min_value=0, required=False, default=None, help_text="Position of the stage that the label names"
    )


class SecondLookSettleSerializer(serializers.Serializer[Any]):
    """What the adjudicator decides."""

    outcome = serializers.ChoiceField(choices=OUTCOMES)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class CompanionSerializer(serializers.Serializer[Any]):
    """A photo that explains the doubt; ``stage_position`` is what it is held to show now."""

    photo_id = serializers.IntegerField()
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()
    stage_position = serializers.IntegerField(allow_null=True)
    taken_at = serializers.DateTimeField(allow_null=True)
    similarity = serializers.FloatField(allow_null=True, help_text="Cosine, of near-duplicates")


class SecondLookRowSerializer(serializers.Serializer[Any]):
    """A label that is probably wrong, and all that speaks against it."""

    id = serializers.IntegerField()
    photo_id = serializers.IntegerField()
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()
    full_url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    site = serializers.CharField(allow_blank=True)
    plant = serializers.CharField(allow_blank=True)
    taken_at = serializers.DateTimeField(allow_null=True)
    label_position = serializers.IntegerField()
    suggested_position = serializers.IntegerField()
    doubt = serializers.FloatField(help_text="0..1; 1 less what all sources leave for the label")
    reason = serializers.ChoiceField(choices=SecondLook.Reason.choices)
    against = serializers.ListField(
        child=serializers.ChoiceField(choices=SecondLook.Reason.choices), help_text="All sources, the strongest first"
    )
    is_flagged = serializers.BooleanField(help_text="Whether confident learning flags the label")
    is_gold = serializers.BooleanField()
    is_adjudicated = serializers.BooleanField()
    is_held_out = serializers.BooleanField()
    probabilities = serializers.ListField(child=serializers.FloatField(), help_text="The model's, which never saw it")
    season = serializers.ListField(child=serializers.FloatField(), help_text="Of date and place; or empty")
    opinions = OpinionSerializer(many=True)
    duplicates = CompanionSerializer(many=True)
    visits = CompanionSerializer(many=True)


class RoundEffectSerializer(serializers.Serializer[Any]):
    """What looking again has brought after one training run."""

    run_id = serializers.IntegerField()
    version_number = serializers.IntegerField(allow_null=True)
    built_at = serializers.DateTimeField()
    n_labels = serializers.IntegerField()
    n_doubted = serializers.IntegerField()
    noise_rate = serializers.FloatField(help_text="Estimated share of wrong labels")
    confirmed = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="Were wrong: asked anew, settled as something else")
    unchanged = serializers.IntegerField(help_text="Asked anew, settled as before")
    waiting = serializers.IntegerField(help_text="Still being asked")
    dismissed = serializers.IntegerField()


class ReasonCountSerializer(serializers.Serializer[Any]):
    """Open doubts of one reason."""

    reason = serializers.ChoiceField(choices=SecondLook.Reason.choices)
    n = serializers.IntegerField()


class StageCountSerializer(serializers.Serializer[Any]):
    """Open doubts about labels of one stage."""

    stage_position = serializers.IntegerField()
    n = serializers.IntegerField()


class SecondLookSummarySerializer(serializers.Serializer[Any]):
    """How much there is to look at, and what looking has brought; without ``rounds`` nothing was looked through yet."""

    rounds = RoundEffectSerializer(many=True)
    reasons = ReasonCountSerializer(many=True)
    stages = StageCountSerializer(many=True)
    is_training = serializers.BooleanField()


def second_look_row(slug: str, look: SecondLook, companions: dict[int, Companion]) -> dict[str, Any]:
    """A doubt as :class:`SecondLookRowSerializer` renders it."""
    photo, evidence = look.photo, look.evidence
    adjudication = getattr(photo, "adjudication", None)
    opinions = opinions_in(photo=photo, round_asked=1 if adjudication is None else adjudication.round)
    similarities = {it["photo_id"]: it["similarity"] for it in evidence.get("duplicates", [])}
    return {
        "id": look.pk,
        "photo_id": photo.pk,
        "thumb_url": rendition_url(slug, photo.pk, "thumb"),
        "view_url": rendition_url(slug, photo.pk, "view"),
        "full_url": rendition_url(slug, photo.pk, "full"),
        "width": photo.width,
        "height": photo.height,
        "site": photo.site.name if photo.site else "",
        "plant": photo.plant.name if photo.plant else "",
        "taken_at": photo.taken_at,
        "label_position": look.label.position,
        "suggested_position": look.suggested.position,
        "doubt": look.doubt,
        "reason": look.reason,
        "against": evidence.get("against", []),
        "is_flagged": evidence.get("is_flagged", False),
        "is_gold": photo.consensus.is_gold,
        "is_adjudicated": photo.consensus.is_adjudicated,
        "is_held_out": photo.is_held_out,
        "probabilities": evidence.get("probabilities", []),
        "season": evidence.get("season", []),
        "opinions": opinion_rows(opinions),
        "duplicates": [_companion(slug, companions[it], similarities[it]) for it in similarities if it in companions],
        "visits": [_companion(slug, companions[it], None) for it in evidence.get("visits", []) if it in companions],
    }


def _companion(slug: str, it: Companion, similarity: float | None) -> dict[str, Any]:
    return {
        "photo_id": it.photo_id,
        "thumb_url": rendition_url(slug, it.photo_id, "thumb"),
        "view_url": rendition_url(slug, it.photo_id, "view"),
        "stage_position": it.stage_position,
        "taken_at": it.taken_at,
        "similarity": similarity,
    }
