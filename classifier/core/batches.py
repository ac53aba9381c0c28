"""A query batch: doubtful photos, a random share, a blind share and an evaluation share."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from classifier.core.acquisition import boundary_mass, diverse_batch, typical_first, utilities
from classifier.core.contracts import Array

Reason = Literal["diverse", "boundary", "uncertain", "random", "evaluation"]
#: A photo is about one boundary when that boundary carries this share of its expected error.
_BOUNDARY_SHARE = 0.6


@dataclasses.dataclass(frozen=True, slots=True)
class Pick:
    """A photo to ask about.

    Parameters
    ----------
    index : int
        Row in the arrays given to `compose_batch`.
    utility : float
        Expected stage error (margin without an order); 0 for the cold start.
    reason : str
    boundary : int or None
        Position below the doubtful boundary when the reason is ``"boundary"``.
    is_blind : bool
        Whether the suggestion must be hidden, which measures anchoring.
    """

    index: int
    utility: float
    reason: Reason
    boundary: int | None
    is_blind: bool


def compose_batch(
    *,
    embeddings: Array,
    groups: Array,
    batch_size: int,
    probas: Array | None = None,
    is_ordered: bool = True,
    is_evaluation: Array | None = None,
    is_labelled: Array | None = None,
    random_share: float = 0.1,
    blind_share: float = 0.1,
    evaluation_share: float = 0.1,
    random_state: int = 0,
) -> list[Pick]:
    """Compose the next query batch, in the order it should be asked.

    The random share is what keeps statistics of the pool honest: photos chosen for their doubt are a biased sample.
    Evaluation photos are always blind, for a suggestion would bend the very labels that judge the model.

    Parameters
    ----------
    embeddings : ndarray of shape (n, d)
    groups : ndarray of shape (n,)
    batch_size : int
    probas : ndarray of shape (n, K), optional
        Without them the batch is a cold start: typical photos of every region first.
    is_ordered : bool
    is_evaluation : ndarray of shape (n,), bool, optional
        Rows that are held out: only picked for the evaluation share.
    is_labelled : ndarray of shape (n,), bool, optional
        Rows that are decided: never picked, but the cold start looks for what they do not cover.
    random_share, blind_share, evaluation_share : float
        Shares of the batch, 0..1.
    random_state : int

    Returns
    -------
    list of Pick
        At most `batch_size`, no row twice.
    """
    rng = np.random.default_rng(random_state)
    n = len(embeddings)
    held_out = _mask(is_evaluation, n)
    labelled = _mask(is_labelled, n)
    worth = utilities(probas, is_ordered=is_ordered) if probas is not None else np.zeros(n)

    held_rows = np.flatnonzero(held_out & ~labelled)
    pool_rows = np.flatnonzero(~held_out & ~labelled)
    evaluation = rng.permutation(held_rows)[: _share(evaluation_share, batch_size)]
    random_rows = rng.permutation(pool_rows)[: _share(random_share, batch_size)]
    n_chosen = batch_size - len(evaluation) - len(random_rows)
    rest = np.setdiff1d(pool_rows, random_rows, assume_unique=True)
    seed = int(rng.integers(2**31))
    if probas is None:
        context = np.concatenate([rest, np.flatnonzero(labelled | np.isin(np.arange(n), random_rows))])
        known = np.arange(len(context)) >= len(rest)
        chosen = context[typical_first(embeddings[context], n_chosen, labelled=known, random_state=seed)]
    else:
        chosen = rest[diverse_batch(worth[rest], embeddings[rest], groups[rest], n_chosen, seed)]

    doubts = boundary_mass(probas[chosen]) if probas is not None and is_ordered and len(chosen) else None
    picks = [
        _chosen_pick(int(row), float(worth[row]), doubts, i, is_cold=probas is None) for i, row in enumerate(chosen)
    ]
    others = [Pick(int(row), float(worth[row]), "random", None, is_blind=False) for row in random_rows]
    others += [Pick(int(row), float(worth[row]), "evaluation", None, is_blind=True) for row in evaluation]
    return _blinded(_interleave(picks, others, rng), blind_share, rng)


def _mask(rows: Array | None, n: int) -> Array:
    return np.zeros(n, dtype=bool) if rows is None else np.asarray(rows, dtype=bool)


def _share(share: float, batch_size: int) -> int:
    return round(min(max(share, 0.0), 1.0) * batch_size)


def _chosen_pick(row: int, utility: float, doubts: Array | None, i: int, *, is_cold: bool) -> Pick:
    if is_cold:
        return Pick(row, utility, "diverse", None, is_blind=False)
    if doubts is not None and utility > 0:
        boundary = int(doubts[i].argmax())
        if doubts[i, boundary] >= _BOUNDARY_SHARE * utility:
            return Pick(row, utility, "boundary", boundary, is_blind=False)
    return Pick(row, utility, "uncertain", None, is_blind=False)


def _interleave(picks: list[Pick], others: list[Pick], rng: np.random.Generator) -> list[Pick]:
    """Spread the other picks evenly: an expert who stops half-way has still done their share."""
    others = [others[i] for i in rng.permutation(len(others))]
    places = [((i + 0.5) / max(len(picks), 1), pick) for i, pick in enumerate(picks)]
    places += [((i + 0.5) / max(len(others), 1), pick) for i, pick in enumerate(others)]
    return [pick for _, pick in sorted(places, key=lambda place: place[0])]


def _blinded(picks: list[Pick], blind_share: float, rng: np.random.Generator) -> list[Pick]:
    open_places = [i for i, pick in enumerate(picks) if pick.reason != "evaluation"]
    hidden = set(rng.permutation(open_places)[: _share(blind_share, len(picks))].tolist())
    return [dataclasses.replace(pick, is_blind=True) if i in hidden else pick for i, pick in enumerate(picks)]
