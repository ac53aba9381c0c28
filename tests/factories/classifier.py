"""One factory per table of the learning side."""

from __future__ import annotations

import copy
import functools
import hashlib
from datetime import UTC, datetime

import factory
import numpy as np
from django.utils import timezone
from factory.django import DjangoModelFactory

from classifier.core.evaluation_report import FORMAT, References, ScoredPhotos, subset_report
from classifier.core.meta_model import Verdict
from classifier.core.operating_points import fit_operating_points
from classifier.core.pooling import softmax
from classifier.core.specialist_evaluation import Difference
from classifier.core.specialists import Mixture
from classifier.models import (
    Embedding,
    Evaluation,
    EvaluationReport,
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


@functools.cache
def report_content():
    """A report on 120 photos of seven stages, as the core computes one."""
    rng = np.random.default_rng(0)
    truth = np.arange(120) % 7
    seen = truth + 0.8 * rng.normal(size=120)
    probas = softmax(-((np.arange(7) - seen[:, None]) ** 2))
    groups = np.arange(120) // 2
    votes = np.clip(truth[:, None] + rng.choice([-1, 0, 1], p=[0.1, 0.8, 0.1], size=(120, 2)), 0, 6)
    points = fit_operating_points(probas, truth, groups)
    photos = ScoredPhotos(
        probas, np.eye(7)[truth], groups, References(np.repeat(np.arange(120), 2), votes.ravel(), truth == 3),
        temperature=1.2, points=points, are_points_fitted_here=True,
    )  # fmt: skip
    mixture = Mixture((2, 3), 0.5, 0.03, 0.02, 41)
    differences = {name: Difference(0.004, -0.006, 0.015) for name in ("base", "equal_compute", "flat")}
    return {
        "subsets": {"held_out": subset_report(photos, n_resamples=50)},
        "specialists": Verdict("not_proven", [mixture], differences, 120, 60).to_dict(),
        "operating_points": points.to_dict(),
        "receipt": {
            "label_set": {
                "id": 1, "hash": "c" * 64, "scale_version": 1, "cutoff_at": "2026-03-01T10:00:00+00:00",
                "n_train": 70, "n_held_out": 120,
            },
            "split_hash": "5" * 64, "code_revision": "a1b2c3", "weights_hash": "0" * 64, "seed": 7, "attempts": 1,
            "pretrained": [{"member": "frozen_backbone", "backbone": "mobilenet-0.25", "weights_hash": "d" * 64}],
            "device": "CPU", "wall_seconds": 12.5, "photos_per_second": 15.2, "packages": {"keras": "3.15.1"},
        },
    }  # fmt: skip


class EvaluationReportFactory(DjangoModelFactory):
    """A whole report on held-out photos."""

    class Meta:
        model = EvaluationReport

    model_version = factory.SubFactory(ModelVersionFactory)
    format = FORMAT
    content = factory.LazyFunction(lambda: copy.deepcopy(report_content()))


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
