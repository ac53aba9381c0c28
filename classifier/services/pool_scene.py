"""What a refresh looks at: labels, the photos that may be asked, their vectors and the promoted version's opinion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.core.contracts import Array
from classifier.models import ModelVersion
from classifier.row_store import Ids
from classifier.selectors.embeddings import embedding_rows
from classifier.selectors.learning import promoted_version
from classifier.selectors.predictions import aligned, prediction_rows
from classifier.selectors.stored_rows import PhotoRows
from classifier.services.pool_scores import Labelled, PoolModel, pool_model_fit
from labeling.models import Project, StageScale
from labeling.selectors.ground_truth import GroundTruthRow, ground_truth_rows
from labeling.selectors.pool import PoolRows, pool_rows
from labeling.selectors.projects import current_scale

BLOCK = 65_536
"""Photos scored at once: 64 MB of single-precision vectors."""


@dataclass(frozen=True)
class Scene:
    """``pool`` are the photos that may be queued or suggested for, held-out ones among them."""

    project: Project
    scale: StageScale
    n_stages: int
    version: ModelVersion | None
    truth: list[GroundTruthRow]
    pool: PoolRows
    vectors: PhotoRows
    predictions: PhotoRows | None

    @property
    def training(self) -> list[GroundTruthRow]:
        return [row for row in self.truth if not row.is_held_out]

    def ensemble(self, photo_ids: Ids) -> npt.NDArray[np.float64]:
        """The promoted version's probabilities (n, K); NaN where it has none."""
        if self.predictions is None:
            return np.full((len(photo_ids), self.n_stages), np.nan)
        return aligned(self.predictions, photo_ids, self.n_stages)


def scene_gather(*, project_id: int, feature_space: str) -> Scene:
    """Read everything once; vectors and probabilities come from this machine's files as far as they are there."""
    project = Project.objects.get(pk=project_id)
    scale = current_scale(project_id=project.pk)
    n_stages = len(scale.stages.all())
    version = promoted_version(project_id=project.pk)
    version = version if version is not None and version.scale_id == scale.pk else None
    truth = ground_truth_rows(project_id=project.pk)
    pool = pool_rows(project_id=project.pk)
    ids = np.union1d(pool.photo_ids, photo_ids_of(truth))
    return Scene(
        project=project,
        scale=scale,
        n_stages=n_stages,
        version=version,
        truth=truth,
        pool=pool,
        vectors=embedding_rows(project_id=project.pk, backbone=feature_space, photo_ids=ids),
        predictions=None
        if version is None
        else prediction_rows(model_version_id=version.pk, photo_ids=ids, n_stages=n_stages),
    )


def scene_fit(scene: Scene) -> PoolModel | None:
    """The light head, fitted on the labels that have a vector and are not held out; None without enough of them."""
    training = scene.training
    rows = scene.vectors.rows_of(photo_ids_of(training))
    known = [row for row, place in zip(training, rows, strict=True) if place >= 0]
    labelled = Labelled(
        X=scene.vectors.values[rows[rows >= 0]].astype(np.float32),
        targets=np.asarray([row.distribution for row in known], np.float32).reshape(-1, scene.n_stages),
        groups=np.asarray([row.group_key for row in known]),
        ensemble=scene.ensemble(photo_ids_of(known)),
    )
    return pool_model_fit(
        labelled,
        is_ordered=scene.scale.is_ordered,
        has_ensemble=scene.version is not None,
        random_state=scene.project.seed,
    )


def scene_score(scene: Scene, model: PoolModel, photo_ids: Ids) -> npt.NDArray[np.float64]:
    """Probabilities (n, K) of photos; even for those that nothing can be said of: they are as uncertain as can be."""
    probas = np.full((len(photo_ids), scene.n_stages), 1.0 / scene.n_stages)
    rows = scene.vectors.rows_of(photo_ids)
    known = np.flatnonzero(rows >= 0)
    for start in range(0, len(known), BLOCK):
        block = known[start : start + BLOCK]
        X = scene.vectors.values[rows[block]].astype(np.float32)
        probas[block] = _filled(model.predict_proba(X, scene.ensemble(photo_ids[block])))
    return probas


def photo_ids_of(rows: list[GroundTruthRow]) -> Ids:
    """Photo ids (n,) of labels."""
    return np.asarray([row.photo_id for row in rows], np.int64)


def _filled(probas: Array) -> Array:
    return np.where(np.isnan(probas), 1.0 / probas.shape[1], probas)
