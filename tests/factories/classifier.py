"""One factory per table of the learning side."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from classifier.models import (
    Embedding,
    Evaluation,
    ModelVersion,
    Prediction,
    ScoringRun,
    TrainingRun,
    TrainingSetSnapshot,
)
from labeling.selectors.projects import current_scale
from tests.factories.labeling import PhotoFactory, ProjectFactory

FEATURE_SPACE = "test-space-8d"


class SnapshotFactory(DjangoModelFactory):
    """A training set; its manifest is not in storage."""

    class Meta:
        model = TrainingSetSnapshot

    project = factory.SubFactory(ProjectFactory)
    scale = factory.LazyAttribute(lambda it: current_scale(project_id=it.project.pk))
    content_hash = factory.Sequence(lambda n: hashlib.sha256(f"snapshot {n}".encode()).hexdigest())
    manifest_key = factory.LazyAttribute(lambda it: f"snapshots/{it.content_hash}.json")
    n_train = 70
    n_held_out = 20
    stage_counts = factory.LazyFunction(lambda: [10] * 7)
    label_cutoff_at = factory.LazyFunction(timezone.now)


class TrainingRunFactory(DjangoModelFactory):
    """A queued run."""

    class Meta:
        model = TrainingRun

    project = factory.SubFactory(ProjectFactory)
    snapshot = factory.SubFactory(SnapshotFactory, project=factory.SelfAttribute("..project"))
    trigger = TrainingRun.Trigger.BUTTON


class ModelVersionFactory(DjangoModelFactory):
    """A candidate with a finished run."""

    class Meta:
        model = ModelVersion

    project = factory.SubFactory(ProjectFactory)
    run = factory.SubFactory(TrainingRunFactory, project=factory.SelfAttribute("..project"), state="succeeded")
    scale = factory.LazyAttribute(lambda it: it.run.snapshot.scale)
    number = factory.Sequence(lambda n: n + 1)
    artifact_key = "models/none.zip"
    artifact_sha256 = "0" * 64
    members = factory.LazyFunction(list)
    promoted_at = factory.LazyAttribute(
        lambda it: datetime(2026, 3, 1, tzinfo=UTC) if it.state in ("promoted", "retired") else None
    )
    state = ModelVersion.State.CANDIDATE


class EvaluationFactory(DjangoModelFactory):
    """Metrics on held-out photos."""

    class Meta:
        model = Evaluation

    model_version = factory.SubFactory(ModelVersionFactory)
    subset = Evaluation.Subset.HELD_OUT
    n = 20
    metrics = factory.LazyFunction(
        lambda: {
            "accuracy": 0.75, "accuracy_low": 0.6, "accuracy_high": 0.9, "macro_f1": 0.7, "mae": 0.3, "qwk": 0.9,
            "ece": 0.05, "nll": 0.7, "confusion": [[5, 1], [2, 12]], "temperature": 1.2,
            "per_stage": [{"precision": 0.7, "recall": 0.8, "f1": 0.75, "support": 6}] * 2,
            "per_member": [{"name": "scratch_cnn", "accuracy": 0.7}],
        }
    )  # fmt: skip


class EmbeddingFactory(DjangoModelFactory):
    """A photo's vector."""

    class Meta:
        model = Embedding

    photo = factory.SubFactory(PhotoFactory)
    backbone = FEATURE_SPACE
    vector = factory.LazyFunction(lambda: [0.0] * 8)


class PredictionFactory(DjangoModelFactory):
    """A photo's probabilities by a version."""

    class Meta:
        model = Prediction

    photo = factory.SubFactory(PhotoFactory)
    model_version = factory.SubFactory(ModelVersionFactory, project=factory.SelfAttribute("..photo.project"))
    probabilities = factory.LazyFunction(lambda: [1 / 7] * 7)


class ScoringRunFactory(DjangoModelFactory):
    """A refresh that has ended well."""

    class Meta:
        model = ScoringRun

    project = factory.SubFactory(ProjectFactory)
    kind = ScoringRun.Kind.REFRESH
    state = "succeeded"
    started_at = factory.LazyFunction(timezone.now)
    finished_at = factory.LazyFunction(timezone.now)
