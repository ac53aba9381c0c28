"""What a report on the classes is computed from: labels with vectors, the model's word, single opinions, places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.core.class_structure import Opinions
from classifier.core.contracts import Array
from classifier.core.metrics import confusion_matrix
from classifier.models import ModelVersion
from classifier.selectors.embeddings import embedding_rows
from classifier.selectors.predictions import prediction_matrix
from labeling.models import Photo, StageScale
from labeling.selectors.answers import answers_of
from labeling.selectors.ground_truth import GroundTruthRow, ground_truth_rows

MOST_PER_STAGE = 600
"""More photos of a stage narrow the intervals little and cost minutes."""
TIMES = "week"
"""The column that parts of a stage may follow over an order: they come one after the other."""


@dataclass(frozen=True)
class ClassEvidence:
    """The n photos a report rests on.

    ``X`` (n, d) float32, ``labels`` and ``groups`` (n,), ``opinions`` with rows of these photos, ``metadata`` columns
    (n,); ``confusion`` (K, K) of the latest version of this scale on photos it had not seen, None without one.
    """

    photo_ids: npt.NDArray[np.int64]
    X: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    groups: Array
    opinions: Opinions
    metadata: dict[str, Array]
    confusion: Array | None
    version: ModelVersion | None
    n_labelled: int
    n_twice: int


def class_evidence(*, scale: StageScale, n_stages: int, feature_space: str, random_state: int) -> ClassEvidence:
    """Gather it; of each stage at most ``MOST_PER_STAGE`` photos, drawn at random.

    Args:
        scale: the current one.
        n_stages: its stages, K.
        feature_space: whose vectors are used; not trained on these labels.
        random_state: of the draw.
    """
    project_id = scale.project_id
    truth = ground_truth_rows(project_id=project_id)
    known_ids = np.asarray([row.photo_id for row in truth], np.int64)
    stored = embedding_rows(project_id=project_id, backbone=feature_space, photo_ids=known_ids)
    with_vector = np.flatnonzero(stored.rows_of(known_ids) >= 0)
    rows = _drawn([truth[place] for place in with_vector], n_stages, random_state)
    photo_ids = np.asarray([row.photo_id for row in rows], np.int64)
    labels = np.asarray([row.stage_position for row in rows], np.int64)
    opinions, n_twice = _opinions(scale, photo_ids)
    version = _latest_version(scale)
    return ClassEvidence(
        photo_ids,
        stored.values[stored.rows_of(photo_ids)].astype(np.float32),
        labels,
        np.asarray([row.group_key for row in rows]),
        opinions,
        _metadata(photo_ids),
        None if version is None else _confusion(version, truth, n_stages),
        version,
        len(truth),
        n_twice,
    )


def _drawn(rows: list[GroundTruthRow], n_stages: int, random_state: int) -> list[GroundTruthRow]:
    rng = np.random.default_rng(random_state)
    stages = np.asarray([row.stage_position for row in rows], np.int64)
    kept = [rng.permutation(np.flatnonzero(stages == stage))[:MOST_PER_STAGE] for stage in range(n_stages)]
    return [rows[place] for place in np.sort(np.concatenate(kept))] if rows else []


def _opinions(scale: StageScale, photo_ids: npt.NDArray[np.int64]) -> tuple[Opinions, int]:
    """Answers that name one stage, with the row of their photo; and how many photos have two of them."""
    answers = answers_of(project_id=scale.project_id, scale=scale)
    row_of = {int(photo_id): row for row, photo_id in enumerate(photo_ids)}
    places = np.asarray([row_of.get(int(photo_id), -1) for photo_id in answers["photo"]] if len(answers) else [], int)
    is_one = (answers["lower"] >= 0) & (answers["lower"] == answers["upper"]) & (places >= 0)
    photos = places[is_one]
    n_twice = int((np.bincount(photos, minlength=1) > 1).sum()) if len(photos) else 0
    return Opinions(photos, answers["author"][is_one], answers["lower"][is_one].astype(np.int64)), n_twice


def _metadata(photo_ids: npt.NDArray[np.int64]) -> dict[str, Array]:
    """Site, camera and week of each photo; what is not known is a category of its own."""
    found = {
        photo_id: (str(site or ""), camera, "" if taken_at is None else f"{taken_at:%G-%V}")
        for photo_id, site, camera, taken_at in Photo.objects.filter(pk__in=photo_ids.tolist()).values_list(
            "pk", "site_id", "camera", "taken_at"
        )
    }
    columns = [found[int(photo_id)] for photo_id in photo_ids]
    return {
        name: np.asarray([column[place] for column in columns])
        for place, name in enumerate(("site", "camera", TIMES))
        if len({column[place] for column in columns}) > 1
    }


def _latest_version(scale: StageScale) -> ModelVersion | None:
    return ModelVersion.objects.filter(scale=scale).order_by("-number").first()


def _confusion(version: ModelVersion, truth: list[GroundTruthRow], n_stages: int) -> Array:
    """Of what the version said of photos it had not seen: the stored probabilities are out of fold or held out."""
    probas = prediction_matrix(
        model_version_id=version.pk, photo_ids=[row.photo_id for row in truth], n_stages=n_stages
    )
    known = np.isfinite(probas).all(axis=1)
    labels = np.asarray([row.stage_position for row in truth], np.int64)[known]
    return confusion_matrix(labels, probas[known].argmax(axis=1), n_stages)
