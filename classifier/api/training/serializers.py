"""Shapes of training runs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from classifier.api.models.serializers import ModelVersionBriefSerializer
from classifier.core.contracts import MEMBER_NAMES
from classifier.models import RunState, TrainingRun
from classifier.selectors.runs import queue_position, training_run_log


class TrainingRunSerializer(serializers.Serializer[Any]):
    """A run, as in lists."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RunState.choices)
    trigger = serializers.ChoiceField(choices=TrainingRun.Trigger.choices)
    requested_by = serializers.SerializerMethodField()
    progress = serializers.FloatField()
    step = serializers.CharField()
    eta_seconds = serializers.FloatField(allow_null=True)
    worker = serializers.CharField()
    device = serializers.CharField()
    attempts = serializers.IntegerField()
    error = serializers.CharField()
    n_train = serializers.IntegerField(source="snapshot.n_train")
    n_held_out = serializers.IntegerField(source="snapshot.n_held_out")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    model_version = serializers.SerializerMethodField()
    cancel_requested = serializers.SerializerMethodField()

    def get_requested_by(self, run: TrainingRun) -> str:
        return str(run.requested_by) if run.requested_by else ""

    @extend_schema_field(ModelVersionBriefSerializer(allow_null=True))
    def get_model_version(self, run: TrainingRun) -> Any:
        version = getattr(run, "model_version", None)
        return ModelVersionBriefSerializer(version).data if version else None

    def get_cancel_requested(self, run: TrainingRun) -> bool:
        return run.cancel_requested_at is not None


class TrainingCurvePointSerializer(serializers.Serializer[Any]):
    """One epoch of one fold; fold 0 is the fit on all training photos."""

    member = serializers.CharField()
    fold = serializers.IntegerField()
    epoch = serializers.IntegerField()
    epochs = serializers.IntegerField()
    loss = serializers.FloatField()
    accuracy = serializers.FloatField()
    val_loss = serializers.FloatField()
    val_accuracy = serializers.FloatField()


class TrainingLogLineSerializer(serializers.Serializer[Any]):
    """A line of the run's log."""

    id = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    level = serializers.ChoiceField(choices=["info", "warning", "error"])
    message = serializers.CharField()


class TrainingRunDetailSerializer(TrainingRunSerializer):
    """A run with its curves and log."""

    curves = TrainingCurvePointSerializer(many=True)
    log = serializers.SerializerMethodField()
    config = serializers.DictField()
    stage_counts = serializers.ListField(child=serializers.IntegerField(), source="snapshot.stage_counts")
    queue_position = serializers.SerializerMethodField()

    @extend_schema_field(TrainingLogLineSerializer(many=True))
    def get_log(self, run: TrainingRun) -> Any:
        return TrainingLogLineSerializer(training_run_log(run_id=run.pk), many=True).data

    def get_queue_position(self, run: TrainingRun) -> int | None:
        return queue_position(run=run)


class TrainingRunStartSerializer(serializers.Serializer[Any]):
    """How to train; what is left out keeps its default."""

    epochs = serializers.IntegerField(min_value=1, max_value=1000, required=False, allow_null=True)
    members = serializers.ListField(
        child=serializers.ChoiceField(choices=list(MEMBER_NAMES)), required=False, default=list
    )
    force = serializers.BooleanField(required=False, default=False)


class TrainingRuleSerializer(serializers.Serializer[Any]):
    """When a project is trained again by itself; null: see ``training_rules.RetrainingRule``."""

    is_on = serializers.BooleanField()
    labels_new = serializers.IntegerField(min_value=10, max_value=1_000_000, allow_null=True)
    days_most = serializers.IntegerField(min_value=1, max_value=365, allow_null=True)
    accuracy_drop = serializers.FloatField(min_value=0.01, max_value=0.5, allow_null=True)
    gap_minutes = serializers.IntegerField(min_value=10, max_value=44_640)
