"""Shapes of recipes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from classifier.recipe_rules import MOST_HARD, OFFERED
from classifier.selectors.recipes import RecipeInUse

NAMES = [(name, name) for name in OFFERED]


class RecipePartSerializer(serializers.Serializer[Any]):
    """One acquisition function and its weight among the others."""

    name = serializers.ChoiceField(choices=NAMES)
    weight = serializers.FloatField(min_value=0.001, max_value=1000)


class RecipeSerializer(serializers.Serializer[RecipeInUse]):
    """What a project's batches are mixed by; ``offered`` are the functions its scale allows."""

    chosen = RecipePartSerializer(many=True, source="parts")
    evaluation_share = serializers.FloatField()
    hard_cap = serializers.FloatField()
    offered = serializers.ListField(child=serializers.ChoiceField(choices=NAMES))


class RecipeSetSerializer(serializers.Serializer[Any]):
    """Another recipe; the first function stands in for what the others cannot fill."""

    chosen = RecipePartSerializer(many=True, min_length=1, max_length=len(OFFERED))  # type: ignore[call-arg]
    evaluation_share = serializers.FloatField(min_value=0, max_value=1)
    hard_cap = serializers.FloatField(min_value=0, max_value=MOST_HARD)

    def validate_chosen(self, parts: list[dict[str, Any]]) -> dict[str, float]:
        if len({part["name"] for part in parts}) < len(parts):
            raise serializers.ValidationError("Each function once.")
        return {part["name"]: part["weight"] for part in parts}
