"""Shapes of the agreement page."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

STATES = ("none", "computing", "ready", "failed")
FLAGS = ("careless", "anchored", "early", "late")


class IntervalSerializer(serializers.Serializer[Any]):
    """A figure with its 95 % interval and the number of items it rests on."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField()


class OverallAgreementSerializer(serializers.Serializer[Any]):
    """Between all experts, on photos that several answered. Ordinal figures are null on a scale without an order."""

    exact = IntervalSerializer(allow_null=True)
    within_one = IntervalSerializer(allow_null=True)
    qwk = IntervalSerializer(allow_null=True)
    alpha = IntervalSerializer(allow_null=True)


class BoundaryAgreementSerializer(serializers.Serializer[Any]):
    """Of the pairs of answers at this boundary (position ``boundary`` or the next), the share that is on one side."""

    boundary = serializers.IntegerField()
    agreement = IntervalSerializer(allow_null=True)


class AnchoringSerializer(serializers.Serializer[Any]):
    """Agreement with the model's suggestion where it was shown, where it was hidden, and the difference."""

    shown = IntervalSerializer()
    hidden = IntervalSerializer()
    difference = IntervalSerializer()


class AnnotatorAgreementSerializer(serializers.Serializer[Any]):
    """One annotator or source: how often right, where wrong, how dependent on the model."""

    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    is_me = serializers.BooleanField()
    is_source = serializers.BooleanField()
    n_annotations = serializers.IntegerField()
    n_gold = serializers.IntegerField()
    accuracy = IntervalSerializer(allow_null=True)
    gold_accuracy = IntervalSerializer(allow_null=True)
    bias = serializers.FloatField(help_text="Mean signed distance to the truth in stages; above 0 is late")
    up = serializers.ListField(child=serializers.FloatField())
    down = serializers.ListField(child=serializers.FloatField())
    median_lead_ms = serializers.IntegerField(allow_null=True)
    anchoring = AnchoringSerializer(allow_null=True)
    flags = serializers.ListField(child=serializers.ChoiceField(choices=FLAGS))


class AgreementWeekSerializer(serializers.Serializer[Any]):
    """Agreement of the answers given in one week."""

    week = serializers.DateField(help_text="Its Monday")
    exact = IntervalSerializer()
    qwk = serializers.FloatField(allow_null=True)


class AgreementSerializer(serializers.Serializer[Any]):
    """How far a project's annotators agree, as last computed."""

    state = serializers.ChoiceField(choices=STATES)
    computed_at = serializers.DateTimeField(allow_null=True)
    is_stale = serializers.BooleanField()
    progress = serializers.FloatField()
    error = serializers.CharField(allow_blank=True)
    n_annotations = serializers.IntegerField()
    n_photos_overlap = serializers.IntegerField()
    overall = OverallAgreementSerializer(allow_null=True)
    boundaries = BoundaryAgreementSerializer(many=True)
    annotators = AnnotatorAgreementSerializer(many=True)
    trend = AgreementWeekSerializer(many=True)
