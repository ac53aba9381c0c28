"""Shapes of model versions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from classifier.models import Evaluation, ModelExport, ModelVersion
from classifier.selectors.runs import held_out_evaluation
from classifier.selectors.shadows import shadow_comparison


class StageScoresSerializer(serializers.Serializer[Any]):
    """How well one stage is found."""

    precision = serializers.FloatField()
    recall = serializers.FloatField()
    f1 = serializers.FloatField()
    support = serializers.IntegerField()


class MemberScoreSerializer(serializers.Serializer[Any]):
    """Accuracy of one member."""

    name = serializers.CharField()
    accuracy = serializers.FloatField()


class ModelMetricsSerializer(serializers.Serializer[Any]):
    """What an evaluation measured; rows of ``confusion`` are the truth, columns the prediction."""

    accuracy = serializers.FloatField()
    accuracy_low = serializers.FloatField()
    accuracy_high = serializers.FloatField()
    macro_f1 = serializers.FloatField()
    mae = serializers.FloatField()
    qwk = serializers.FloatField()
    ece = serializers.FloatField()
    nll = serializers.FloatField()
    confusion = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    per_stage = StageScoresSerializer(many=True)
    temperature = serializers.FloatField()
    per_member = MemberScoreSerializer(many=True)


class ModelEvaluationSerializer(serializers.Serializer[Any]):
    """Metrics on one set of photos."""

    subset = serializers.ChoiceField(choices=Evaluation.Subset.choices)
    n = serializers.IntegerField()
    metrics = ModelMetricsSerializer()


class ModelMemberSerializer(serializers.Serializer[Any]):
    """One member of the ensemble, or one left out and why."""

    name = serializers.CharField()
    backbone = serializers.CharField()
    weights_hash = serializers.CharField()
    n_params = serializers.IntegerField()
    stacking_weight = serializers.FloatField()
    left_out = serializers.CharField()


class ModelVersionBriefSerializer(serializers.Serializer[Any]):
    """A version and its figures on held-out photos; they are null where none was labelled."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ModelVersion.State.choices)
    state_reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    promoted_at = serializers.DateTimeField(allow_null=True)
    shadow_since = serializers.DateTimeField(allow_null=True)
    accuracy = serializers.SerializerMethodField()
    macro_f1 = serializers.SerializerMethodField()
    mae = serializers.SerializerMethodField()
    qwk = serializers.SerializerMethodField()
    ece = serializers.SerializerMethodField()
    n_held_out = serializers.SerializerMethodField()

    def get_accuracy(self, version: ModelVersion) -> float | None:
        return _figure(version, "accuracy")

    def get_macro_f1(self, version: ModelVersion) -> float | None:
        return _figure(version, "macro_f1")

    def get_mae(self, version: ModelVersion) -> float | None:
        return _figure(version, "mae")

    def get_qwk(self, version: ModelVersion) -> float | None:
        return _figure(version, "qwk")

    def get_ece(self, version: ModelVersion) -> float | None:
        return _figure(version, "ece")

    def get_n_held_out(self, version: ModelVersion) -> int:
        evaluation = held_out_evaluation(version)
        return evaluation.n if evaluation else 0


class ShadowComparisonSerializer(serializers.Serializer[Any]):
    """A shadow beside the version in use, on photos that came since and were answered blind."""

    n = serializers.IntegerField()
    serving_right = serializers.IntegerField()
    shadow_right = serializers.IntegerField()
    only_serving = serializers.IntegerField()
    only_shadow = serializers.IntegerField()
    difference = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    p_value = serializers.FloatField()


class ModelVersionDetailSerializer(ModelVersionBriefSerializer):
    """A version with its members and evaluations, and while it is a shadow how it does."""

    shadow = serializers.SerializerMethodField()
    run_id = serializers.IntegerField()
    members = ModelMemberSerializer(many=True)
    evaluations = ModelEvaluationSerializer(many=True)

    @extend_schema_field(ShadowComparisonSerializer(allow_null=True))
    def get_shadow(self, version: ModelVersion) -> Any:
        comparison = shadow_comparison(version=version)
        return None if comparison is None else ShadowComparisonSerializer(comparison).data


class ModelVersionPromoteSerializer(serializers.Serializer[Any]):
    """Why an admin promotes this version."""

    reason = serializers.CharField(max_length=500, allow_blank=True, required=False, default="")


def _figure(version: ModelVersion, name: str) -> float | None:
    evaluation = held_out_evaluation(version)
    return evaluation.metrics.get(name) if evaluation else None


class ModelExportCreateSerializer(serializers.Serializer[Any]):
    """In which format."""

    format = serializers.ChoiceField(choices=ModelExport.Format.choices)
    licence = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class ModelParitySerializer(serializers.Serializer[Any]):
    """How an export compares with the ensemble that is served, on the same photos."""

    n_photos = serializers.IntegerField()
    largest_difference = serializers.FloatField(help_text="Of a probability")
    mean_difference = serializers.FloatField()
    same_stage = serializers.FloatField(help_text="Share of photos with the same most probable stage")
    tolerance = serializers.FloatField(help_text="Largest difference allowed")


class ModelExportSerializer(serializers.Serializer[Any]):
    """A version in another format, or on its way there."""

    id = serializers.IntegerField()
    format = serializers.ChoiceField(choices=ModelExport.Format.choices)
    licence = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=ModelExport.State.choices)
    total = serializers.IntegerField(help_text="Steps in all")
    done = serializers.IntegerField(help_text="Steps done")
    error = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField(help_text="Bytes of the file")
    sha256 = serializers.CharField(allow_blank=True, help_text="Of the file")
    parity = serializers.SerializerMethodField(help_text="Null before it is done")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(ModelParitySerializer(allow_null=True))
    def get_parity(self, export: ModelExport) -> dict[str, Any] | None:
        return export.parity or None
