"""JSON of sites and plants."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class PlantSerializer(serializers.Serializer[Any]):
    """A plant."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField()


class SiteSerializer(serializers.Serializer[Any]):
    """A site and its plants."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField()
    plants = PlantSerializer(many=True, read_only=True)


class SiteCreateSerializer(serializers.Serializer[Any]):
    """What a new site needs."""

    name = serializers.CharField(max_length=120)


class PlantCreateSerializer(serializers.Serializer[Any]):
    """What a new plant needs."""

    name = serializers.CharField(max_length=120)
