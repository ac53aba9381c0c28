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
