"""Shapes of the atlas."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.api.fields import IdField
from labeling.api.links import rendition_url
from labeling.selectors.atlas import Candidate


class StageReferencesSerializer(serializers.Serializer[Any]):
    """The example photos of a stage, or of its boundary with the stage beside it, in order."""

    photo_ids = serializers.ListField(child=IdField(), max_length=100)
    beside = IdField(required=False, allow_null=True, default=None, help_text="Id of the stage beside it")


class StageDescriptionSerializer(serializers.Serializer[Any]):
    """How to know a stage, in words."""

    description_es = serializers.CharField(allow_blank=True, max_length=2000)
    description_en = serializers.CharField(allow_blank=True, max_length=2000)


class BesideSerializer(serializers.Serializer[Any]):
    """Which boundary is asked about, if any."""

    beside = IdField(required=False, allow_null=True, default=None, help_text="Id of the stage beside it")


class CandidateSerializer(serializers.Serializer[Any]):
    """A settled photo that would make a good example."""

    photo_id = serializers.IntegerField()
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()
    n_annotations = serializers.IntegerField()
    quality = serializers.FloatField()
    beside_share = serializers.FloatField(allow_null=True)


def candidate_data(slug: str, candidate: Candidate) -> dict[str, Any]:
    """A candidate as :class:`CandidateSerializer` renders it."""
    return {
        "photo_id": candidate.photo_id,
        "thumb_url": rendition_url(slug, candidate.photo_id, "thumb"),
        "view_url": rendition_url(slug, candidate.photo_id, "view"),
        "n_annotations": candidate.n_annotations,
        "quality": candidate.quality,
        "beside_share": candidate.beside_share,
    }
