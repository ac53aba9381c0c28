"""Shapes of what date, place and plant say."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from classifier.selectors.date_evidence import STATES


class SeasonSaidSerializer(serializers.Serializer[Any]):
    """Labels of photos taken around this day of the year, at the photo's site or at all: ``probabilities`` by stage."""

    probabilities = serializers.ListField(child=serializers.FloatField())
    n_photos = serializers.IntegerField()
    at_site = serializers.BooleanField()


class PlantSaidSerializer(serializers.Serializer[Any]):
    """Stages that the plant's other photos of the season leave, as positions."""

    lower = serializers.IntegerField()
    upper = serializers.IntegerField()
    n_photos = serializers.IntegerField()


class DateEvidenceSerializer(serializers.Serializer[Any]):
    """What stands beside the image model; nothing in it unless ``state`` is "ready"."""

    state = serializers.ChoiceField(choices=STATES)
    season = SeasonSaidSerializer(allow_null=True)
    plant = PlantSaidSerializer(allow_null=True)
