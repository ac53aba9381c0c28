"""The pool as acquisition functions see it: every vector there is, with masks, and the evidence the recipe asks for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.core.acquisition import Pool
from classifier.core.contracts import Array
from classifier.core.season import fit_season
from classifier.services.date_evidence import FEWEST_DATED_LABELS
from classifier.services.pool_scene import BLOCK, Scene, photo_ids_of
from classifier.services.pool_scores import PoolModel
from labeling.selectors.pool import PhotoPlaces, PoolRows, open_answers, photo_places

BURST_SECONDS = 60.0
"""Shots of one plant less than this apart are of one moment."""
MOST_TIMELINE_PHOTOS = 20_000
"""Timelines are smoothed plant by plant, a millisecond each; of more photos, plants are drawn by chance."""
ANSWER_TRUST = 0.9
"""What an expert's answer, or a consensus, leaves for the other stages is evenly theirs."""


@dataclass(frozen=True)
class QueryPool:
    """A pool whose rows are those of ``scene.vectors``, and which of them are held out."""

    pool: Pool
    is_evaluation: npt.NDArray[np.bool_]


def query_pool(
    scene: Scene, model: PoolModel | None, probas: Array | None, *, chosen: Collection[str], seed: int
) -> QueryPool:
    """Build the pool.

    The vectors are used as they lie in their file; rows that are neither open nor labelled are barred.

    Args:
        scene: what there is.
        model: what gave ``probas``.
        probas: (m, K) of the open photos that have a vector, in order; None on a cold start.
        chosen: acquisition functions whose evidence is wanted.
        seed: of what is drawn.
    """
    n = len(scene.vectors.photo_ids)
    rows = scene.vectors.rows_of(scene.pool.photo_ids)
    has_vector = rows >= 0
    places = rows[has_vector]
    covered = scene.vectors.rows_of(photo_ids_of(scene.training))
    is_barred, is_labelled, is_evaluation = np.ones(n, bool), np.zeros(n, bool), np.zeros(n, bool)
    is_barred[places] = False
    is_labelled[covered[covered >= 0]] = True
    is_evaluation[places] = scene.pool.is_held_out[has_vector]
    groups = np.zeros(n, np.int64)
    groups[places] = scene.pool.groups[has_vector]
    bursts = np.full(n, -1, np.int64)
    bursts[places] = burst_codes(scene.pool)[has_vector]
    known: dict[str, Any] = {}
    if probas is not None and model is not None:
        known["probas"] = _everywhere(scene, places, covered, probas)
        known |= _evidence(scene, model, known["probas"], chosen=chosen, seed=seed)
    pool = Pool(
        scene.vectors.values,
        is_labelled=is_labelled,
        is_barred=is_barred,
        groups=groups,
        bursts=bursts,
        is_ordered=scene.scale.is_ordered,
        **known,
    )
    return QueryPool(pool, is_evaluation)


def burst_codes(pool: PoolRows) -> npt.NDArray[np.int64]:
    """Number the bursts (n,): photos of one group, each less than ``BURST_SECONDS`` after the one before."""
    order = np.lexsort((pool.taken, pool.groups))
    gaps = np.diff(pool.taken[order])
    # An unknown time gives no gap that is small: such a photo is its own burst.
    follows = (np.diff(pool.groups[order]) == 0) & (gaps < BURST_SECONDS)
    codes = np.empty(len(pool), np.int64)
    codes[order] = np.cumsum(np.concatenate([[0], ~follows])) if len(pool) else 0
    return codes


def _everywhere(
    scene: Scene, places: npt.NDArray[np.int64], covered: npt.NDArray[np.int64], probas: Array
) -> npt.NDArray[np.float64]:
    """The open photos' probabilities, the labelled ones' labels, and nothing said of the rest, (n, K)."""
    everywhere = np.full((len(scene.vectors.photo_ids), scene.n_stages), 1.0 / scene.n_stages)
    targets = np.asarray([row.distribution for row in scene.training]).reshape(-1, scene.n_stages)
    everywhere[covered[covered >= 0]] = _trusted(targets[covered >= 0])
    everywhere[places] = probas
    return everywhere


def _evidence(
    scene: Scene, model: PoolModel, probas: Array, *, chosen: Collection[str], seed: int
) -> dict[str, Array | None]:
    evidence: dict[str, Array | None] = {}
    if "bald" in chosen:
        evidence["member_probas"] = _members(scene, model)
    if {"season_surprise", "timeline_violation"} & set(chosen):
        places = photo_places(project_id=scene.project.pk)
        if "season_surprise" in chosen:
            evidence["season_probas"] = _season(scene, places, probas)
        if "timeline_violation" in chosen:
            evidence |= _timelines(scene, places, seed)
    return evidence


def _members(scene: Scene, model: PoolModel) -> npt.NDArray[np.float32] | None:
    """Who may disagree (M, n, K): the light head, the promoted version, the experts who answered so far.

    Where one has said nothing it says what the others do on average, which takes no side.
    """
    if model.head is None:
        return None
    ids = scene.vectors.photo_ids
    head = np.empty((len(ids), scene.n_stages))
    for start in range(0, len(ids), BLOCK):
        head[start : start + BLOCK] = model.head.predict_proba(scene.vectors.values[start : start + BLOCK])
    version = scene.ensemble(ids)
    version = np.where(np.isnan(version), head, version)
    experts = (head + version) / 2
    answers = open_answers(project_id=scene.project.pk)
    rows = scene.vectors.rows_of(list(answers))
    for row, given in zip(rows, answers.values(), strict=True):
        if row >= 0:
            votes = np.zeros(scene.n_stages)
            for lower, upper in given:
                votes[lower : upper + 1] += 1 / (upper - lower + 1)
            experts[row] = _trusted(votes / len(given))
    return np.stack([head, version, experts]).astype(np.float32)


def _season(scene: Scene, places: PhotoPlaces, probas: Array) -> Array | None:
    """P(stage | day of the year, site) (n, K); a photo without a date surprises nobody."""
    found = np.searchsorted(places.photo_ids, photo_ids_of(scene.training))
    is_dated = _is_at(places.photo_ids, found, photo_ids_of(scene.training))
    if is_dated.sum() < FEWEST_DATED_LABELS:
        return None
    dated = found[is_dated]
    evidence = fit_season(
        places.days_of_year[dated],
        places.sites[dated],
        np.asarray([row.distribution for row in scene.training])[is_dated],
        groups=np.asarray([row.group_key for row in scene.training])[is_dated],
    )
    season = np.array(probas)
    rows = scene.vectors.rows_of(places.photo_ids)
    known = rows >= 0
    season[rows[known]] = evidence.predict_proba(places.days_of_year[known], places.sites[known])
    return season


def _timelines(scene: Scene, places: PhotoPlaces, seed: int) -> dict[str, Array | None]:
    """Days and plants (n,); a plant is left out, "", where unknown, alone, or beyond what can be smoothed in time."""
    n = len(scene.vectors.photo_ids)
    rows = scene.vectors.rows_of(places.photo_ids)
    _, codes, counts = np.unique(places.plants, return_inverse=True, return_counts=True)
    turn = np.random.default_rng(seed).permutation(len(counts))
    # A photo is in when the plants that come before its own have not filled the room.
    before = np.empty(len(counts), np.int64)
    before[turn] = np.cumsum(counts[turn]) - counts[turn]
    is_in = (rows >= 0) & (places.plants > 0) & (counts[codes] > 1) & (before[codes] < MOST_TIMELINE_PHOTOS)
    days, plants = np.zeros(n), np.full(n, "", dtype="U20")
    days[rows[is_in]] = places.days[is_in]
    plants[rows[is_in]] = places.plants[is_in].astype(str)
    return {"days": days, "plants": plants}


def _trusted(distributions: Array) -> Array:
    return ANSWER_TRUST * distributions + (1.0 - ANSWER_TRUST) / distributions.shape[-1]


def _is_at(ids: npt.NDArray[np.int64], places: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> Array:
    inside = places < len(ids)
    found = np.zeros(len(wanted), bool)
    found[inside] = ids[places[inside]] == wanted[inside]
    return found
