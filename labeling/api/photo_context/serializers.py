"""Shapes of what stands around a photo: its plant, its history."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.api.fields import IdField
from labeling.api.links import rendition_url
from labeling.selectors.history import EVENT_KINDS, HistoryEvent
from labeling.selectors.plant_strip import PlantStrip

SAID_KINDS = ("stage", "between", "cannot_tell", "unusable", "undecidable", "send_back")


class PlantPhotoSerializer(serializers.Serializer[Any]):
    """A photo of the same plant; ``stage_position`` only where experts agreed on one."""

    photo_id = serializers.IntegerField()
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()
    taken_at = serializers.DateTimeField(allow_null=True)
    stage_position = serializers.IntegerField(allow_null=True)
    is_current = serializers.BooleanField()


class PlantStripSerializer(serializers.Serializer[Any]):
    """The same plant in time order; without a plant no photos."""

    site = serializers.CharField(allow_blank=True)
    plant = serializers.CharField(allow_blank=True)
    photos = PlantPhotoSerializer(many=True)


class HistorySaidSerializer(serializers.Serializer[Any]):
    """What was said about the photo."""

    kind = serializers.ChoiceField(choices=SAID_KINDS)
    stage_position = serializers.IntegerField(allow_null=True)
    stage_upper_position = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)


class HistoryShownSerializer(serializers.Serializer[Any]):
    """What the author was shown of the model."""

    position = serializers.IntegerField()
    confidence = serializers.FloatField()
    model_version = serializers.CharField(allow_blank=True)


class HistoryEventSerializer(serializers.Serializer[Any]):
    """Something that happened to the photo; ``who`` is empty for a consensus, which follows from the annotations."""

    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=EVENT_KINDS)
    who = serializers.CharField(allow_blank=True)
    is_mine = serializers.BooleanField()
    said = HistorySaidSerializer(allow_null=True)
    mode = serializers.CharField(allow_blank=True)
    is_blind = serializers.BooleanField()
    shown = HistoryShownSerializer(allow_null=True)
    lead_time_ms = serializers.IntegerField(allow_null=True)


class PhotoHistorySerializer(serializers.Serializer[Any]):
    """What happened to a photo, oldest first, as far as the reader may know."""

    events = HistoryEventSerializer(many=True)


class GoldSerializer(serializers.Serializer[Any]):
    """The stage that a photo is declared to show."""

    stage = serializers.IntegerField(min_value=0, max_value=999)
    scale = IdField(required=False, allow_null=True, default=None, help_text="Scale that the position refers to")


def plant_strip_data(slug: str, strip: PlantStrip) -> dict[str, Any]:
    """A strip as :class:`PlantStripSerializer` renders it."""
    return {
        "site": strip.site,
        "plant": strip.plant,
        "photos": [
            {
                "photo_id": it.photo_id,
                "thumb_url": rendition_url(slug, it.photo_id, "thumb"),
                "view_url": rendition_url(slug, it.photo_id, "view"),
                "taken_at": it.taken_at,
                "stage_position": it.stage_position,
                "is_current": it.is_current,
            }
            for it in strip.photos
        ],
    }


def history_data(events: list[HistoryEvent]) -> dict[str, Any]:
    """Events as :class:`PhotoHistorySerializer` renders them."""
    return {"events": events}
