"""Shapes of API tokens."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.models import TokenScope
from labeling.services.tokens import LONGEST_DAYS


class ApiTokenSerializer(serializers.Serializer[Any]):
    """A token as its owner sees it; the secret is not among what is kept."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the secret begins")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=TokenScope.choices))
    project_slug = serializers.CharField(source="project.slug", allow_null=True, default=None)
    project_name = serializers.CharField(source="project.name", allow_null=True, default=None)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute")


class ApiTokenMadeSerializer(ApiTokenSerializer):
    """A token just made."""

    secret = serializers.CharField(help_text="Shown this once")


class ApiTokenCreateSerializer(serializers.Serializer[Any]):
    """What a new token is for."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=TokenScope.choices), min_length=1, max_length=len(TokenScope)
    )
    project = serializers.SlugField(
        required=False, allow_null=True, default=None, help_text="Only this project; without: all of one's own"
    )
    expires_in_days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS, default=90)
