"""Shapes of the report on the classes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from classifier.models import ClassReport
from classifier.selectors.class_reports import ClassesShown
from labeling.api.links import rendition_url
from labeling.api.scales.serializers import KINDS

MOST_EXAMPLES = 8
STATES = ("none", *ClassReport.State.values)


class ClassFigureSerializer(serializers.Serializer[Any]):
    """A figure with its 95 % interval over groups of photos, and the photos it rests on."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField()


class ClassPairSerializer(serializers.Serializer[Any]):
    """How well two classes are told apart; what is not known is null."""

    first = serializers.IntegerField()
    second = serializers.IntegerField()
    n = serializers.ListField(child=serializers.IntegerField())
    auc = ClassFigureSerializer(allow_null=True)
    agreement = ClassFigureSerializer(allow_null=True)
    purity = ClassFigureSerializer(allow_null=True)
    attainable = serializers.FloatField(help_text="Area that a faultless model would reach against labels this noisy")
    separability = serializers.FloatField(allow_null=True)
    confusion = serializers.FloatField(allow_null=True)


class EffectSerializer(serializers.Serializer[Any]):
    """The present model before and after, by its predictions mapped."""

    accuracy_before = serializers.FloatField()
    accuracy_after = serializers.FloatField()
    bits_before = serializers.FloatField()
    bits_after = serializers.FloatField()
    possible_bits_before = serializers.FloatField()
    possible_bits_after = serializers.FloatField()


class ExampleSerializer(serializers.Serializer[Any]):
    """An example photo."""

    photo_id = serializers.IntegerField()
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()


class ClassSideSerializer(serializers.Serializer[Any]):
    """One side of a proposal: the photos that are most surely of it."""

    photos = ExampleSerializer(many=True)


class ClassProposalSerializer(serializers.Serializer[Any]):
    """What to do about one or two classes."""

    kind = serializers.ChoiceField(choices=KINDS)
    stages = serializers.ListField(child=serializers.IntegerField())
    sides = ClassSideSerializer(many=True)
    effect = EffectSerializer(allow_null=True)


class SplitFiguresSerializer(serializers.Serializer[Any]):
    """How a class fared when it was taken apart."""

    n_parts = serializers.IntegerField()
    shares = serializers.ListField(child=serializers.FloatField())
    silhouette = serializers.FloatField()
    bridge = serializers.FloatField()
    stability = ClassFigureSerializer(allow_null=True)
    explained = serializers.DictField(child=serializers.FloatField())
    is_split = serializers.BooleanField()


class ClassStageSerializer(serializers.Serializer[Any]):
    """One class."""

    stage = serializers.IntegerField()
    n = serializers.IntegerField()
    split = SplitFiguresSerializer(allow_null=True)


class PartitionSerializer(serializers.Serializer[Any]):
    """A coarser scale: what it keeps of the information and how often it is right."""

    parts = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    bits = serializers.FloatField()
    possible_bits = serializers.FloatField()
    accuracy = serializers.FloatField()


class MappedFiguresSerializer(serializers.Serializer[Any]):
    """The promoted version on the stages of a change of the scale."""

    migration_id = serializers.IntegerField()
    version_number = serializers.IntegerField()
    subset = serializers.CharField()
    n = serializers.IntegerField()
    accuracy_before = serializers.FloatField()
    accuracy_after = serializers.FloatField()
    bits_before = serializers.FloatField()
    bits_after = serializers.FloatField()


class ClassesSerializer(serializers.Serializer[Any]):
    """The report on the classes. ``state`` is "none" before the first one; ``is_of_now`` false: of other stages."""

    state = serializers.ChoiceField(choices=STATES)
    progress = serializers.FloatField()
    error = serializers.CharField(allow_blank=True)
    computed_at = serializers.DateTimeField(allow_null=True)
    is_of_now = serializers.BooleanField()
    version_number = serializers.IntegerField(allow_null=True)
    labels_by_stage = serializers.ListField(child=serializers.IntegerField())
    has_model = serializers.BooleanField()
    n_labelled = serializers.IntegerField()
    n_used = serializers.IntegerField()
    n_twice = serializers.IntegerField(help_text="Photos that two experts named a stage of")
    accuracy = serializers.FloatField(allow_null=True)
    pairs = ClassPairSerializer(many=True)
    stages = ClassStageSerializer(many=True)
    proposals = ClassProposalSerializer(many=True)
    partitions = PartitionSerializer(many=True)
    mapped = MappedFiguresSerializer(many=True)


def classes_data(slug: str, shown: ClassesShown) -> dict[str, Any]:
    """The page as :class:`ClassesSerializer` renders it."""
    report, content = shown.report, shown.content
    return {
        "state": "none" if report is None else report.state,
        "progress": 0.0 if report is None else report.progress,
        "error": "" if report is None else report.error,
        "computed_at": None if report is None else report.computed_at,
        "is_of_now": shown.is_of_now,
        "version_number": report.model_version.number if report is not None and report.model_version else None,
        "labels_by_stage": shown.by_stage,
        "has_model": shown.has_model,
        "mapped": shown.mapped,
        **content,
        "proposals": [{**it, "sides": [_side(slug, ids) for ids in it["sides"]]} for it in content["proposals"]],
    }


def _side(slug: str, photo_ids: list[int]) -> dict[str, Any]:
    return {
        "photos": [
            {
                "photo_id": it,
                "thumb_url": rendition_url(slug, it, "thumb"),
                "view_url": rendition_url(slug, it, "view"),
            }
            for it in photo_ids[:MOST_EXAMPLES]
        ]
    }
