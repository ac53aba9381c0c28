"""Shapes of adjudication."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from labeling.api.fields import IdField
from labeling.api.links import rendition_url
from labeling.models import Adjudication, Annotation
from labeling.selectors.adjudications import opinions_of, probabilities_asked

OUTCOMES = ("stage", "unusable", "undecidable", "send_back")


class OpinionSerializer(serializers.Serializer[Any]):
    """One annotation, its author hidden behind a letter."""

    label = serializers.CharField()  # type: ignore[assignment]  # shadows Field.label, which is set on instances
    kind = serializers.ChoiceField(choices=Annotation.Kind.choices)
    stage_position = serializers.IntegerField(allow_null=True)
    stage_upper_position = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField()
    lead_time_ms = serializers.IntegerField(allow_null=True)
    is_blind = serializers.BooleanField()


class SuggestionSerializer(serializers.Serializer[Any]):
    """The stage a model proposes."""

    position = serializers.IntegerField()
    confidence = serializers.FloatField()


class AdjudicationRowSerializer(serializers.Serializer[Any]):
    """A photo its experts disagree on."""

    photo_id = serializers.IntegerField()
    stage_gap = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()
    full_url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    site = serializers.CharField(allow_blank=True)
    plant = serializers.CharField(allow_blank=True)
    taken_at = serializers.DateTimeField(allow_null=True)
    opinions = OpinionSerializer(many=True)
    suggestion = SuggestionSerializer(allow_null=True)
    probabilities = serializers.ListField(
        child=serializers.FloatField(), help_text="The model's, in stage order, as the experts were asked; or empty"
    )


class AdjudicationSettleSerializer(serializers.Serializer[Any]):
    """What the adjudicator decides."""

    outcome = serializers.ChoiceField(choices=OUTCOMES)
    stage = serializers.IntegerField(required=False, allow_null=True, default=None)
    scale = IdField(required=False, allow_null=True, default=None, help_text="Scale that the position refers to")
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


def adjudication_row(slug: str, adjudication: Adjudication) -> dict[str, Any]:
    """An adjudication as :class:`AdjudicationRowSerializer` renders it."""
    photo = adjudication.photo
    opinions = opinions_of(adjudication=adjudication)
    return {
        "photo_id": photo.pk,
        "stage_gap": adjudication.stage_gap,
        "opened_at": adjudication.opened_at,
        "thumb_url": rendition_url(slug, photo.pk, "thumb"),
        "view_url": rendition_url(slug, photo.pk, "view"),
        "full_url": rendition_url(slug, photo.pk, "full"),
        "width": photo.width,
        "height": photo.height,
        "site": photo.site.name if photo.site else "",
        "plant": photo.plant.name if photo.plant else "",
        "taken_at": photo.taken_at,
        "opinions": opinion_rows(opinions),
        "suggestion": getattr(photo, "suggestion", None),
        "probabilities": probabilities_asked(opinions=[annotation for _, annotation in opinions]),
    }


def opinion_rows(opinions: Sequence[tuple[str, Annotation]]) -> list[dict[str, Any]]:
    """Lettered annotations as :class:`OpinionSerializer` renders them."""
    return [
        {
            "label": label,
            "kind": annotation.kind,
            "stage_position": annotation.stage.position if annotation.stage else None,
            "stage_upper_position": annotation.stage_upper.position if annotation.stage_upper else None,
            "reason": annotation.reason,
            "note": annotation.note,
            "decided_at": annotation.decided_at,
            "lead_time_ms": annotation.lead_time_ms,
            "is_blind": annotation.is_blind,
        }
        for label, annotation in opinions
    ]
