"""Shapes of a project's learning status."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from classifier.api.models.serializers import ModelVersionBriefSerializer
from classifier.api.training.serializers import TrainingRunSerializer
from classifier.models import RunState, ScoringRun
from classifier.selectors.learning_status import LearningStatus
from classifier.selectors.workers import QUEUES


class RefreshSerializer(serializers.Serializer[ScoringRun]):
    """The latest re-fit of the light head."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RunState.choices)
    n_labels = serializers.IntegerField()
    n_scored = serializers.IntegerField()
    head_share = serializers.FloatField(allow_null=True)
    accuracy = serializers.FloatField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    seconds = serializers.SerializerMethodField()

    def get_seconds(self, run: ScoringRun) -> float | None:
        if run.started_at is None or run.finished_at is None:
            return None
        return (run.finished_at - run.started_at).total_seconds()


class QueueWorkersSerializer(serializers.Serializer[Any]):
    """Who serves a queue."""

    queue = serializers.ChoiceField(choices=QUEUES)
    alive = serializers.BooleanField()
    names = serializers.ListField(child=serializers.CharField())


class LearningStatusSerializer(serializers.Serializer[LearningStatus]):
    """How far the learning of a project has come."""

    labels = serializers.IntegerField()
    labels_by_stage = serializers.ListField(child=serializers.IntegerField())
    held_out_labelled = serializers.IntegerField()
    labels_until_training = serializers.IntegerField()
    can_train = serializers.BooleanField()
    blocked_code = serializers.CharField()
    blocked_message = serializers.CharField()
    pool = serializers.IntegerField()
    embedded = serializers.IntegerField()
    promoted = ModelVersionBriefSerializer(allow_null=True)
    active_run = TrainingRunSerializer(allow_null=True)
    last_refresh = RefreshSerializer(allow_null=True)
    labels_since_training = serializers.IntegerField()
    workers = QueueWorkersSerializer(many=True)


class ForecastPointSerializer(serializers.Serializer[Any]):
    """How often photos drawn by chance, asked at about as many labels, were named rightly."""

    labels = serializers.IntegerField()
    accuracy = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField()


class ForecastMissingSerializer(serializers.Serializer[Any]):
    """What nothing can be said without: photos drawn by chance to settle, or labels in all to reach."""

    photos = serializers.IntegerField()
    labels = serializers.IntegerField()


class ForecastCurveSerializer(serializers.Serializer[Any]):
    """Accuracy by labels, with an interval of 90 %, and labels in all by target; null: not within 50 times as many."""

    now = serializers.FloatField()
    now_low = serializers.FloatField()
    now_high = serializers.FloatField()
    needed = serializers.ListField(child=serializers.IntegerField(allow_null=True))
    needed_low = serializers.ListField(child=serializers.IntegerField(allow_null=True))
    needed_high = serializers.ListField(child=serializers.IntegerField(allow_null=True))
    labels = serializers.ListField(child=serializers.IntegerField())
    accuracy = serializers.ListField(child=serializers.FloatField())
    accuracy_low = serializers.ListField(child=serializers.FloatField())
    accuracy_high = serializers.ListField(child=serializers.FloatField())


class ForecastPartSerializer(serializers.Serializer[Any]):
    """All stages together, or one; either ``curve`` or ``missing``."""

    n_photos = serializers.IntegerField()
    missing = ForecastMissingSerializer(allow_null=True)
    curve = ForecastCurveSerializer(allow_null=True)


class ForecastToldSerializer(serializers.Serializer[Any]):
    """By target, of all stages and of each in stage order."""

    targets = serializers.ListField(child=serializers.FloatField())
    n_photos = serializers.IntegerField()
    points = ForecastPointSerializer(many=True)
    overall = ForecastPartSerializer()
    stages = ForecastPartSerializer(many=True)


class ForecastSerializer(serializers.Serializer[Any]):
    """Labels that targets still take, as the last refresh worked it out; ``told`` is null before the first."""

    labels_now = serializers.IntegerField()
    built_at = serializers.DateTimeField(allow_null=True)
    told = ForecastToldSerializer(allow_null=True)
