"""Shapes of the triage grid."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.api.bench.serializers import ProgressSerializer, QueueItemSerializer
from labeling.selectors.triage import GRID_MOST


class TriageStageSerializer(serializers.Serializer[Any]):
    """Open photos that are suggested to show a stage; the count stops at 1000, and ``is_capped`` says so."""

    position = serializers.IntegerField()
    n_open = serializers.IntegerField()
    is_capped = serializers.BooleanField()


class TriageBoundarySerializer(serializers.Serializer[Any]):
    """Open photos that are suggested at either side of a boundary."""

    boundary = serializers.IntegerField()
    n_open = serializers.IntegerField()
    is_capped = serializers.BooleanField()


class TriageSerializer(serializers.Serializer[Any]):
    """What the grid can show; no boundaries where the stages have no order."""

    stages = TriageStageSerializer(many=True)
    boundaries = TriageBoundarySerializer(many=True)


class TriageReserveSerializer(serializers.Serializer[Any]):
    """Which page of the grid: of a stage or of a boundary."""

    stage = serializers.IntegerField(required=False, min_value=0, max_value=999)
    boundary = serializers.IntegerField(required=False, min_value=0, max_value=999)
    count = serializers.IntegerField(min_value=1, max_value=GRID_MOST)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two, not both."""
        if ("stage" in attrs) == ("boundary" in attrs):
            raise serializers.ValidationError({"stage": "Name a stage or a boundary."})
        return attrs


class TriageReservedSerializer(serializers.Serializer[Any]):
    """The photos held for the grid, in the grid's order; whether more wait behind them; progress."""

    items = QueueItemSerializer(many=True)
    has_more = serializers.BooleanField()
    progress = ProgressSerializer()
