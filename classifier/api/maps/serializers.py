"""Shapes of the map."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from classifier.models import PhotoMap, RunState
from classifier.selectors.photo_maps import MapStatus


class MapSerializer(serializers.Serializer[Any]):
    """A map that can be shown. ``trustworthiness`` and ``recall`` are 0..1, of its last whole layout."""

    id = serializers.IntegerField()
    n_points = serializers.IntegerField()
    built_at = serializers.DateTimeField(source="finished_at")
    trustworthiness = serializers.FloatField(source="quality.trustworthiness", default=None, allow_null=True)
    recall = serializers.FloatField(source="quality.recall", default=None, allow_null=True)


class MapBuildSerializer(serializers.Serializer[Any]):
    """A map in the making, or one that failed."""

    state = serializers.ChoiceField(choices=RunState.choices)
    progress = serializers.FloatField()
    step = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)


class MapStatusSerializer(serializers.Serializer[Any]):
    """What there is to see; ``columns`` are those that the reader may colour and filter by."""

    map = MapSerializer(allow_null=True)
    build = MapBuildSerializer(allow_null=True)
    is_behind = serializers.BooleanField(help_text="Whether photos came after the map was laid out")
    columns = serializers.ListField(child=serializers.CharField())


class PointsAskSerializer(serializers.Serializer[Any]):
    """Which of the points; any beginning of the map is a fair sample of all of it."""

    start = serializers.IntegerField(min_value=0, required=False, default=0)
    stop = serializers.IntegerField(min_value=0, required=False, default=None, allow_null=True)


def map_status_body(status: MapStatus, columns: list[str]) -> dict[str, Any]:
    """A status as :class:`MapStatusSerializer` renders it."""
    shown: PhotoMap | None = status.shown
    return {"map": shown, "build": status.build, "is_behind": status.is_behind, "columns": columns}
