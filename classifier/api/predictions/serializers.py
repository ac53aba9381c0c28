"""Shapes of what the version in use says of a photo."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from classifier.selectors.photo_predictions import STATES


class PhotoPredictionSerializer(serializers.Serializer[Any]):
    """Probabilities in scale order, and the set of positions that holds the true stage ``coverage`` of the time."""

    state = serializers.ChoiceField(choices=STATES)
    version = serializers.IntegerField(allow_null=True)
    probabilities = serializers.ListField(child=serializers.FloatField())
    stage_set = serializers.ListField(child=serializers.IntegerField())
    coverage = serializers.FloatField(allow_null=True)
    abstains = serializers.BooleanField(allow_null=True)
