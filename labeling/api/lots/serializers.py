"""Shapes of lots."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.api.fields import IdField
from labeling.services.lots import ACTS, LOT_MOST, WITH_STAGE

ACT_NAMES = tuple(ACTS)


class LotSerializer(serializers.Serializer[Any]):
    """One thing to do to many photos. The key makes a lot that is sent again harmless."""

    key = serializers.UUIDField()
    act = serializers.ChoiceField(choices=ACT_NAMES)
    photo_ids = serializers.ListField(child=IdField(), min_length=1, max_length=LOT_MOST)
    stage = serializers.IntegerField(
        min_value=0,
        max_value=999,
        required=False,
        default=None,
        allow_null=True,
        help_text="Position, to label or gold",
    )
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A stage goes with the acts that name one."""
        if (attrs["act"] in WITH_STAGE) != (attrs["stage"] is not None):
            raise serializers.ValidationError({"stage": "Name a stage to label or to declare, and only then."})
        return attrs


class LotResultSerializer(serializers.Serializer[Any]):
    """What became of one photo."""

    photo_id = serializers.IntegerField()
    code = serializers.CharField(allow_blank=True, help_text='Why it was refused; "" when it was done')
    decision = serializers.UUIDField(allow_null=True, help_text="Key of the answer, by which it can be taken back")


class LotAppliedSerializer(serializers.Serializer[Any]):
    """What became of the photos of a lot."""

    results = LotResultSerializer(many=True)
