"""The refresh: seconds after a decision the light head is re-fitted, every photo re-scored, and the queue replaced."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import structlog
from django.db import transaction
from django.utils import timezone

from classifier.core.batches import Pick, cold_start_labels, compose
from classifier.core.contracts import Array
from classifier.core.recipe import Recipe
from classifier.models import RunState, ScoringRun
from classifier.selectors.recipes import RecipeInUse, recipe_in_use
from classifier.services.date_evidence import date_evidence_update
from classifier.services.forecasts import forecast_update
from classifier.services.locks import LockSpace, advisory_lock
from classifier.services.pool_scene import Scene, photo_ids_of, scene_fit, scene_gather, scene_score
from classifier.services.pool_scores import PoolModel
from classifier.services.query_pool import query_pool
from classifier.services.step_times import StepTimes
from labeling.domain.errors import Conflict
from labeling.services.queue import EntryProposal, queue_replace, suggestions_update

logger = structlog.get_logger(__name__)

PROBABILITY_DECIMALS = 4
ERROR_LENGTH = 500


def project_refresh(*, project_id: int, feature_space: str, times: StepTimes | None = None) -> ScoringRun | None:
    """Learn from the latest decisions and ask the next best questions.

    Args:
        project_id: the project.
        feature_space: name of the space whose cached vectors are used.
        times: filled with how long each step took, for who measures.

    Returns:
        The record of the refresh; None when another one of this project runs, which the reconciler follows up.
    """
    with advisory_lock(LockSpace.PROJECT_REFRESH, project_id) as is_ours:
        if not is_ours:
            return None
        run = _open(project_id)
        try:
            with structlog.contextvars.bound_contextvars(run_id=run.pk):
                _refresh(run, feature_space, times or StepTimes())
        except Conflict as changed:  # another scale is in use by now, and its migration asks for a refresh of its own
            run.state, run.finished_at, run.error = RunState.CANCELLED, timezone.now(), str(changed)
            run.save(update_fields=["state", "finished_at", "error"])
        except Exception as error:
            run.state, run.finished_at, run.error = RunState.FAILED, timezone.now(), str(error)[:ERROR_LENGTH]
            run.save(update_fields=["state", "finished_at", "error"])
            raise
    return run


def project_probabilities(
    *, project_id: int, feature_space: str, photo_ids: npt.ArrayLike
) -> npt.NDArray[np.float64] | None:
    """What a refresh would say now of these photos, shape (n, K), without writing anything; for studies.

    Returns:
        Rows of photos without a vector are even; None when there is nothing to go by yet.
    """
    scene = scene_gather(project_id=project_id, feature_space=feature_space)
    model = scene_fit(scene)
    return None if model is None else scene_score(scene, model, np.asarray(photo_ids, np.int64))


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


def _refresh(run: ScoringRun, feature_space: str, times: StepTimes) -> None:
    with times.step("gather"):
        scene = scene_gather(project_id=run.project_id, feature_space=feature_space)
    with times.step("fit"):
        model = scene_fit(scene)
    places = scene.vectors.rows_of(scene.pool.photo_ids)
    asked, places = scene.pool.photo_ids[places >= 0], places[places >= 0]
    probas = None
    with times.step("score"):
        if model is not None and len(asked):
            probas = scene_score(scene, model, asked)
    n_photos = len(scene.pool) - int(scene.pool.is_held_out.sum()) + len(scene.truth)
    is_cold = probas is None or len(scene.training) < cold_start_labels(n_photos, scene.n_stages)
    with times.step("compose"):
        recipe = recipe_in_use(project=scene.project)
        picks = _picks(scene, model, None if is_cold else probas, recipe=recipe, seed=_seed(scene, run))
        entries = _proposals(scene, places, probas, picks)
    with times.step("replace"):
        queue_replace(
            project_id=scene.project.pk,
            source="arrival" if not picks else "cold_start" if is_cold else next(iter(recipe.chosen)),
            model_version=_score_id(run) if probas is not None else "",
            entries=entries,
            scale_id=scene.scale.pk,
        )
    n_suggested = 0
    # After the queue: experts wait for the next questions, and nobody for the last decimal of a suggestion.
    with times.step("suggest"):
        if probas is not None:
            n_suggested = _suggest(run, scene.scale.pk, asked, probas)
    with times.step("date_evidence"):
        date_evidence_update(scene, asked, probas)
    with times.step("forecast"):
        forecast_update(scene)
    run.model_version = scene.version
    run.n_labels, run.n_scored = len(scene.training), len(asked) if probas is not None else 0
    run.head_share = model.head_share if model is not None else None
    run.accuracy = _held_out_accuracy(scene, model)
    run.state, run.progress, run.finished_at = RunState.SUCCEEDED, 1.0, timezone.now()
    run.save()
    logger.info(
        "refresh_finished", project=run.project_id, labels=run.n_labels, scored=run.n_scored,
        suggested=n_suggested, seconds=times.rounded(),
    )  # fmt: skip


def _suggest(run: ScoringRun, scale_id: int, photo_ids: npt.NDArray[np.int64], probas: Array) -> int:
    return suggestions_update(
        project_id=run.project_id,
        model_version=_score_id(run),
        photo_ids=photo_ids,
        positions=probas.argmax(axis=1),
        confidences=probas.max(axis=1).round(PROBABILITY_DECIMALS),
        scale_id=scale_id,
    )


def _picks(
    scene: Scene, model: PoolModel | None, probas: Array | None, *, recipe: RecipeInUse, seed: int
) -> list[Pick]:
    """Choose among the rows of ``scene.vectors``; without ``probas`` it is a cold start."""
    if not len(scene.vectors.photo_ids):
        return []
    made = query_pool(scene, model, probas, chosen=recipe.chosen, seed=seed)
    return compose(
        made.pool,
        Recipe(
            chosen=recipe.chosen,
            random_share=scene.project.random_share,
            blind_share=scene.project.blind_share,
            evaluation_share=recipe.evaluation_share,
            hard_cap=recipe.hard_cap,
        ),
        scene.project.batch_size,
        is_evaluation=made.is_evaluation,
        random_state=seed,
    )


def _proposals(
    scene: Scene, places: npt.NDArray[np.int64], probas: Array | None, picks: list[Pick]
) -> list[EntryProposal]:
    """The picks, and behind them photos that have no vector yet, by arrival, as far as the batch has room."""
    row_of = {int(place): row for row, place in enumerate(places)} if picks else {}
    entries = []
    for pick in picks:
        shown = () if probas is None else probas[row_of[pick.index]].round(PROBABILITY_DECIMALS).tolist()
        entries.append(
            EntryProposal(
                photo_id=int(scene.vectors.photo_ids[pick.index]),
                utility=pick.utility,
                reason=pick.reason,
                boundary=pick.boundary,
                is_blind=pick.is_blind,
                probabilities=shown,
            )
        )
    waiting = scene.pool.photo_ids[(scene.vectors.rows_of(scene.pool.photo_ids) < 0) & ~scene.pool.is_held_out]
    room = max(scene.project.batch_size - len(entries), 0)
    return entries + [EntryProposal(photo_id, 0.0, "arrival") for photo_id in waiting[:room].tolist()]


def _held_out_accuracy(scene: Scene, model: PoolModel | None) -> float | None:
    """Share of labelled held-out photos whose stage is named; None without such photos or without a model."""
    rows = [row for row in scene.truth if row.is_held_out]
    known = scene.vectors.rows_of(photo_ids_of(rows)) >= 0
    if model is None or not known.any():
        return None
    probas = scene_score(scene, model, photo_ids_of(rows)[known])
    truth = np.asarray([row.stage_position for row in rows])[known]
    return float((probas.argmax(axis=1) == truth).mean())


def _seed(scene: Scene, run: ScoringRun) -> int:
    """Another draw of the random share at each refresh, and the same one when a refresh is repeated for study."""
    return int((scene.project.seed * 1_000_003 + run.pk) % 2**31)


def _score_id(run: ScoringRun) -> str:
    return f"refresh-{run.pk}"
