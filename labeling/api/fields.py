"""Fields of requests."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

BIGGEST_ID = 2**63 - 1
"""What a ``bigint`` can hold: beyond it PostgreSQL raises an error, where a wrong id has to find nothing."""


class IdField(serializers.IntegerField):
    """The id of a row that a request names."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": BIGGEST_ID, **kwargs})
