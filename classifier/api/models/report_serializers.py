"""Shapes of an evaluation report; see ``classifier.core.evaluation_report`` for what each part means."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers

from classifier.api.models.serializers import ModelVersionBriefSerializer, StageScoresSerializer
from classifier.core.contracts import SpecialistOutcome


class FigureSerializer(serializers.Serializer[Any]):
    """A value and its 95 % interval by a bootstrap over whole groups."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class ReportFiguresSerializer(serializers.Serializer[Any]):
    """Headline figures; the last three are absent without an order of stages."""

    accuracy = FigureSerializer()
    balanced_accuracy = FigureSerializer()
    macro_f1 = FigureSerializer()
    nll = FigureSerializer()
    brier = FigureSerializer()
    ece = FigureSerializer()
    mae = FigureSerializer(required=False)
    far_errors = FigureSerializer(required=False)
    qwk = FigureSerializer(required=False)


class ReportBoundarySerializer(serializers.Serializer[Any]):
    """How often one of two stages is taken for the other."""

    lower = serializers.IntegerField()
    upper = serializers.IntegerField()
    n = serializers.IntegerField()
    taken_for_upper = serializers.IntegerField()
    taken_for_lower = serializers.IntegerField()
    confused = FigureSerializer(allow_null=True)
    expert_pairs = serializers.IntegerField()
    experts_differ = serializers.FloatField(allow_null=True)


class ReliabilityBinSerializer(FigureSerializer):
    """Accuracy of the photos of one bin of confidence."""

    confidence = serializers.FloatField()
    n = serializers.IntegerField()


class ReportReliabilitySerializer(serializers.Serializer[Any]):
    """Confidence against accuracy, with the temperature and without it."""

    temperature = serializers.FloatField()
    ece = FigureSerializer()
    ece_before = FigureSerializer()
    bins = ReliabilityBinSerializer(many=True)
    bins_before = ReliabilityBinSerializer(many=True)


class SelectiveAccuracySerializer(FigureSerializer):
    """Accuracy on the surest share of the photos."""

    coverage = serializers.FloatField()


class SelectivePointSerializer(serializers.Serializer[Any]):
    """A point of the selective curve."""

    coverage = serializers.FloatField()
    accuracy = serializers.FloatField()
    confidence = serializers.FloatField()


class ServedThresholdSerializer(serializers.Serializer[Any]):
    """A threshold of answering, and what it gives on these photos; null where no confidence gives what was wanted."""

    kind = serializers.ChoiceField(choices=["share", "accuracy"])
    wanted = serializers.FloatField()
    threshold = serializers.FloatField(allow_null=True)
    answered = serializers.FloatField()
    accuracy = FigureSerializer(allow_null=True)


class ReportAnsweringSerializer(serializers.Serializer[Any]):
    """Answering only where the model is sure."""

    aurc = FigureSerializer()
    at = SelectiveAccuracySerializer(many=True)
    curve = SelectivePointSerializer(many=True)
    served = ServedThresholdSerializer(many=True)


class ConformalStageSerializer(serializers.Serializer[Any]):
    """Sets of the photos of one stage."""

    n = serializers.IntegerField()
    covered = FigureSerializer(allow_null=True)
    size = FigureSerializer(allow_null=True)


class ReportConformalSerializer(serializers.Serializer[Any]):
    """Sets of neighbouring stages: how often they hold the true one, and how large they are."""

    promised = serializers.FloatField()
    covered = FigureSerializer()
    size = FigureSerializer()
    sizes = serializers.ListField(child=serializers.FloatField())
    by_stage = ConformalStageSerializer(many=True)


class AccuracyAgainstSerializer(serializers.Serializer[Any]):
    """The same predictions against one kind of label."""

    labels = serializers.ChoiceField(choices=["single_expert", "consensus", "gold"])
    n = serializers.IntegerField()
    accuracy = FigureSerializer(allow_null=True)


class ExpertAgreementSerializer(serializers.Serializer[Any]):
    """How often two experts name the same stage for the same photo."""

    agreement = FigureSerializer(allow_null=True)
    n_pairs = serializers.IntegerField()
    n_photos = serializers.IntegerField()


class ReportLabelsSerializer(serializers.Serializer[Any]):
    """Accuracy by kind of label, and the ceiling that experts set."""

    against = AccuracyAgainstSerializer(many=True)
    experts = ExpertAgreementSerializer()
    consensus_on_single = FigureSerializer(allow_null=True)


class FlippedPhotoSerializer(serializers.Serializer[Any]):
    """A photo that the version in use had right and this one has wrong; stages by position."""

    photo_id = serializers.IntegerField()
    truth = serializers.IntegerField()
    before = serializers.IntegerField()
    now = serializers.IntegerField()


class ReportFlipsSerializer(serializers.Serializer[Any]):
    """Against the version that was in use."""

    version = serializers.IntegerField()
    n = serializers.IntegerField()
    negative = serializers.IntegerField()
    positive = serializers.IntegerField()
    difference = FigureSerializer()
    photos = FlippedPhotoSerializer(many=True)


class ReportSubsetSerializer(serializers.Serializer[Any]):
    """Everything about one set of photos."""

    n = serializers.IntegerField()
    n_groups = serializers.IntegerField()
    figures = ReportFiguresSerializer()
    per_stage = StageScoresSerializer(many=True)
    confusion = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    boundaries = ReportBoundarySerializer(many=True)
    reliability = ReportReliabilitySerializer()
    answering = ReportAnsweringSerializer()
    conformal = ReportConformalSerializer(allow_null=True)
    labels = ReportLabelsSerializer()
    flips = ReportFlipsSerializer(allow_null=True)


class ReportSubsetsSerializer(serializers.Serializer[Any]):
    """The sets of photos there are; held-out ones only where some are labelled."""

    held_out = ReportSubsetSerializer(required=False)
    out_of_fold = ReportSubsetSerializer(required=False)


class SpecialistPairSerializer(serializers.Serializer[Any]):
    """One candidate pair; ``alpha`` 0: not listened to."""

    pair = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    alpha = serializers.FloatField()
    gain = serializers.FloatField()
    standard_error = serializers.FloatField(allow_null=True)
    n_gated = serializers.IntegerField()


class DifferenceSerializer(serializers.Serializer[Any]):
    """A paired difference in accuracy and its interval."""

    mean = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class SpecialistVerdictSerializer(serializers.Serializer[Any]):
    """Whether specialists are served, and why or why not."""

    outcome = serializers.ChoiceField(choices=list(get_args(SpecialistOutcome)))
    pairs = SpecialistPairSerializer(many=True)
    differences = serializers.DictField(child=DifferenceSerializer())
    n_photos = serializers.IntegerField()
    n_groups = serializers.IntegerField()


class LabelSetSerializer(serializers.Serializer[Any]):
    """The labels a training read."""

    id = serializers.IntegerField()
    hash = serializers.CharField()
    scale_version = serializers.IntegerField()
    cutoff_at = serializers.DateTimeField()
    n_train = serializers.IntegerField()
    n_held_out = serializers.IntegerField()


class PretrainedSerializer(serializers.Serializer[Any]):
    """A network that a member started from."""

    member = serializers.CharField()
    backbone = serializers.CharField()
    weights_hash = serializers.CharField()


class ReportReceiptSerializer(serializers.Serializer[Any]):
    """What it takes to make the same model again, and what it took."""

    label_set = LabelSetSerializer()
    split_hash = serializers.CharField()
    code_revision = serializers.CharField(allow_blank=True)
    weights_hash = serializers.CharField()
    pretrained = PretrainedSerializer(many=True)
    seed = serializers.IntegerField()
    device = serializers.CharField()
    attempts = serializers.IntegerField()
    wall_seconds = serializers.FloatField()
    photos_per_second = serializers.FloatField(allow_null=True)
    packages = serializers.DictField(child=serializers.CharField())


class EvaluationReportSerializer(serializers.Serializer[Any]):
    """A report and the version it is about."""

    version = ModelVersionBriefSerializer(source="model_version")
    format = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    subsets = ReportSubsetsSerializer(source="content.subsets")
    specialists = SpecialistVerdictSerializer(source="content.specialists", allow_null=True)
    receipt = ReportReceiptSerializer(source="content.receipt")


class ModelCardAskSerializer(serializers.Serializer[Any]):
    """Language of a card."""

    language = serializers.ChoiceField(choices=["es", "en"], required=False, default="es")
