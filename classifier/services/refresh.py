"""The refresh: seconds after a decision the light head is re-fitted, every photo re-scored, and the queue replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import structlog
from django.db import transaction
from django.utils import timezone

from classifier.core.batches import Pick, compose_batch
from classifier.core.contracts import Array
from classifier.models import ModelVersion, RunState, ScoringRun
from classifier.selectors.embeddings import EmbeddingMatrix, embedding_matrix
from classifier.selectors.learning import promoted_version
from classifier.selectors.predictions import prediction_matrix
from classifier.services.locks import LockSpace, advisory_lock
from classifier.services.pool_scores import Labelled, PoolModel, pool_model_fit
from labeling.models import Project, StageScale
from labeling.selectors.ground_truth import GroundTruthRow, ground_truth_rows
from labeling.selectors.pool import PoolPhoto, held_out_unlabelled, pool_photos
from labeling.selectors.projects import current_scale
from labeling.services.queue import EntryProposal, queue_replace, suggestions_record

logger = structlog.get_logger(__name__)

COLD_START_LABELS = 100
COLD_START_PER_STAGE = 5
COLD_START_SHARE = 0.03
"""Typical photos are asked first until 3 % of the photos, at least 5 a stage and at most 100, are labelled."""
PROBABILITY_DECIMALS = 4
ERROR_LENGTH = 500


@dataclass(frozen=True)
class _Scene:
    """What a refresh looks at; ``asked`` are the photos that may be queued or suggested for, pool first."""

    project: Project
    scale: StageScale
    n_stages: int
    version: ModelVersion | None
    truth: list[GroundTruthRow]
    pool: list[PoolPhoto]
    held_out: list[PoolPhoto]
    matrix: EmbeddingMatrix
    seed: int

    @property
    def asked(self) -> list[PoolPhoto]:
        return [*self.pool, *self.held_out]

    def ensemble(self, photo_ids: Sequence[int]) -> npt.NDArray[np.float64]:
        if self.version is None:
            return np.full((len(photo_ids), self.n_stages), np.nan)
        return prediction_matrix(model_version_id=self.version.pk, photo_ids=photo_ids, n_stages=self.n_stages)


def project_refresh(*, project_id: int, feature_space: str) -> ScoringRun | None:
    """Learn from the latest decisions and ask the next best questions.

    Args:
        project_id: the project.
        feature_space: name of the space whose cached vectors are used.

    Returns:
        The record of the refresh; None when another one of this project runs, which the reconciler follows up.
    """
    with advisory_lock(LockSpace.PROJECT_REFRESH, project_id) as is_ours:
        if not is_ours:
            return None
        run = _open(project_id)
        try:
            _refresh(run, feature_space)
        except Exception as error:
            run.state, run.finished_at, run.error = RunState.FAILED, timezone.now(), str(error)[:ERROR_LENGTH]
            run.save(update_fields=["state", "finished_at", "error"])
            raise
    return run


def project_probabilities(
    *, project_id: int, feature_space: str, photo_ids: Sequence[int]
) -> npt.NDArray[np.float64] | None:
    """What a refresh would say now of these photos, shape (n, K), without writing anything; for studies.

    Returns:
        Rows of photos without a vector are even; None when there is nothing to go by yet.
    """
    scene = _scene(ScoringRun(project_id=project_id, pk=0), feature_space)
    model = _fit(scene, [row for row in scene.truth if not row.is_held_out])
    if model is None:
        return None
    rows = scene.matrix.rows_of(photo_ids)
    probas = np.full((len(rows), scene.n_stages), np.nan)
    known = rows >= 0
    ensemble = scene.ensemble(photo_ids)
    if known.any():
        probas[known] = model.predict_proba(scene.matrix.vectors[rows[known]], ensemble[known])
    return _filled(probas)


def _open(project_id: int) -> ScoringRun:
    """The waiting record, or a new one. Holding the lock proves that records said to be running are dead."""
    now = timezone.now()
    runs = ScoringRun.objects.filter(project_id=project_id, kind=ScoringRun.Kind.REFRESH)
    with transaction.atomic():
        runs.filter(state=RunState.RUNNING).update(state=RunState.LOST, finished_at=now)
        run = runs.select_for_update().filter(state=RunState.QUEUED).order_by("-id").first()
        run = run or ScoringRun(project_id=project_id, kind=ScoringRun.Kind.REFRESH)
        run.state, run.started_at, run.heartbeat_at, run.attempts = RunState.RUNNING, now, now, run.attempts + 1
        run.save()
        runs.filter(state=RunState.QUEUED).update(state=RunState.CANCELLED, finished_at=now)
    return run


def _refresh(run: ScoringRun, feature_space: str) -> None:
    scene = _scene(run, feature_space)
    training = [row for row in scene.truth if not row.is_held_out]
    model = _fit(scene, training)
    rows = scene.matrix.rows_of([photo.photo_id for photo in scene.asked])
    has_vector = rows >= 0
    embedded = [photo for photo, is_there in zip(scene.asked, has_vector, strict=True) if is_there]
    X = scene.matrix.vectors[rows[has_vector]]
    probas = None
    if model is not None and embedded:
        probas = _filled(model.predict_proba(X, scene.ensemble([photo.photo_id for photo in embedded])))
        _suggest(run, embedded, probas)
    is_cold = probas is None or len(training) < _cold_start_labels(scene)
    picks = _picks(scene, training, embedded, X, None if is_cold else probas)
    entries = _proposals(scene, embedded, probas, picks)
    source = "arrival" if not picks else "cold_start" if is_cold else "ordinal_uncertainty"
    queue_replace(
        project_id=scene.project.pk,
        source=source if scene.scale.is_ordered or is_cold else "margin",
        model_version=_score_id(run) if probas is not None else "",
        entries=entries,
    )
    run.model_version = scene.version
    run.n_labels, run.n_scored = len(training), len(embedded) if probas is not None else 0
    run.head_share = model.head_share if model is not None else None
    run.accuracy = _held_out_accuracy(scene, model)
    run.state, run.progress, run.finished_at = RunState.SUCCEEDED, 1.0, timezone.now()
    run.save()


def _scene(run: ScoringRun, feature_space: str) -> _Scene:
    project = Project.objects.get(pk=run.project_id)
    scale = current_scale(project_id=project.pk)
    version = promoted_version(project_id=project.pk)
    return _Scene(
        project=project,
        scale=scale,
        n_stages=len(scale.stages.all()),
        version=version if version is not None and version.scale_id == scale.pk else None,
        truth=ground_truth_rows(project_id=project.pk),
        pool=pool_photos(project_id=project.pk),
        held_out=held_out_unlabelled(project_id=project.pk),
        matrix=embedding_matrix(project_id=project.pk, backbone=feature_space),
        # Another draw of the random share at each refresh, and the same one when a refresh is repeated for study.
        seed=(project.seed * 1_000_003 + run.pk) % 2**31,
    )


def _fit(scene: _Scene, training: list[GroundTruthRow]) -> PoolModel | None:
    rows = scene.matrix.rows_of([row.photo_id for row in training])
    known = [row for row, place in zip(training, rows, strict=True) if place >= 0]
    labelled = Labelled(
        X=scene.matrix.vectors[rows[rows >= 0]],
        targets=np.asarray([row.distribution for row in known], np.float32).reshape(-1, scene.n_stages),
        groups=np.asarray([row.group_key for row in known]),
        ensemble=scene.ensemble([row.photo_id for row in known]),
    )
    return pool_model_fit(
        labelled,
        is_ordered=scene.scale.is_ordered,
        has_ensemble=scene.version is not None,
        random_state=scene.project.seed,
    )


def _filled(probas: Array) -> Array:
    """An even distribution for photos that nothing has scored yet: they are as uncertain as can be."""
    return np.where(np.isnan(probas), 1.0 / probas.shape[1], probas)


def _suggest(run: ScoringRun, photos: list[PoolPhoto], probas: Array) -> None:
    suggestions_record(
        project_id=run.project_id,
        model_version=_score_id(run),
        photo_ids=[photo.photo_id for photo in photos],
        positions=probas.argmax(axis=1).tolist(),
        confidences=probas.max(axis=1).round(PROBABILITY_DECIMALS).tolist(),
    )


def _picks(
    scene: _Scene, training: list[GroundTruthRow], embedded: list[PoolPhoto], X: Array, probas: Array | None
) -> list[Pick]:
    """Choose among ``embedded``; on a cold start the labelled photos' vectors show what is covered already."""
    if not embedded:
        return []
    held_out = {photo.photo_id for photo in scene.held_out}
    is_evaluation = np.asarray([photo.photo_id in held_out for photo in embedded])
    groups = np.asarray([photo.group_key for photo in embedded])
    is_labelled = np.zeros(len(embedded), bool)
    if probas is None and training:
        rows = scene.matrix.rows_of([row.photo_id for row in training])
        covered = scene.matrix.vectors[rows[rows >= 0]]
        X = np.concatenate([X, covered])
        groups = np.concatenate([groups, np.full(len(covered), "")])
        is_evaluation = np.concatenate([is_evaluation, np.zeros(len(covered), bool)])
        is_labelled = np.concatenate([is_labelled, np.ones(len(covered), bool)])
    return compose_batch(
        embeddings=X,
        groups=groups,
        batch_size=scene.project.batch_size,
        probas=probas,
        is_ordered=scene.scale.is_ordered,
        is_evaluation=is_evaluation,
        is_labelled=is_labelled,
        random_share=scene.project.random_share,
        blind_share=scene.project.blind_share,
        random_state=scene.seed,
    )


def _proposals(
    scene: _Scene, embedded: list[PoolPhoto], probas: Array | None, picks: list[Pick]
) -> list[EntryProposal]:
    """The picks, and behind them photos that have no vector yet, by arrival, as far as the batch has room."""
    entries = []
    for pick in picks:
        shown = () if probas is None else probas[pick.index].round(PROBABILITY_DECIMALS).tolist()
        entries.append(
            EntryProposal(
                photo_id=embedded[pick.index].photo_id,
                utility=pick.utility,
                reason=pick.reason,
                boundary=pick.boundary,
                is_blind=pick.is_blind,
                probabilities=shown,
            )
        )
    scored = {photo.photo_id for photo in embedded}
    waiting = (photo.photo_id for photo in scene.pool if photo.photo_id not in scored)
    room = scene.project.batch_size - len(entries)
    return entries + [
        EntryProposal(photo_id, 0.0, "arrival") for photo_id, _ in zip(waiting, range(room), strict=False)
    ]


def _held_out_accuracy(scene: _Scene, model: PoolModel | None) -> float | None:
    """Share of labelled held-out photos whose stage is named; None without such photos or without a model."""
    rows = [row for row in scene.truth if row.is_held_out]
    places = scene.matrix.rows_of([row.photo_id for row in rows])
    known = [row for row, place in zip(rows, places, strict=True) if place >= 0]
    if model is None or not known:
        return None
    probas = model.predict_proba(scene.matrix.vectors[places[places >= 0]], scene.ensemble([r.photo_id for r in known]))
    truth = np.asarray([row.stage_position for row in known])
    return float((_filled(probas).argmax(axis=1) == truth).mean())


def _cold_start_labels(scene: _Scene) -> int:
    share = COLD_START_SHARE * (len(scene.pool) + len(scene.truth))
    return int(min(COLD_START_LABELS, max(COLD_START_PER_STAGE * scene.n_stages, share)))


def _score_id(run: ScoringRun) -> str:
    return f"refresh-{run.pk}"
