"""Shapes of a project's history."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.selectors.history_export import FORMATS


class HistoryExportSerializer(serializers.Serializer[Any]):
    """How to write the history."""

    format = serializers.ChoiceField(choices=FORMATS, required=False, default="csv")
