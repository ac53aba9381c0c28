"""Shapes of labelled neighbours."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from classifier.selectors.neighbours import STATES


class NeighboursAskSerializer(serializers.Serializer[Any]):
    """How many neighbours."""

    count = serializers.IntegerField(min_value=1, max_value=24, required=False, default=6)


class NeighbourSerializer(serializers.Serializer[Any]):
    """A labelled photo that looks like the one asked about; ``similarity`` is the cosine, 1 for the same."""

    photo_id = serializers.IntegerField()
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()
    stage_position = serializers.IntegerField()
    similarity = serializers.FloatField()


class NeighboursSerializer(serializers.Serializer[Any]):
    """The nearest labelled photos, nearest first; empty unless ``state`` is "ready"."""

    state = serializers.ChoiceField(choices=STATES)
    items = NeighbourSerializer(many=True)
