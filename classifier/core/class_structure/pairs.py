"""The table of class pairs: how well the model, the experts and the embedding tell them apart."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np

from classifier.core.class_structure.measures import (
    UNKNOWN,
    Interval,
    auc_interval,
    neighbour_purity,
    separating_scores,
)
from classifier.core.class_structure.opinions import (
    Opinions,
    majority_error,
    opinions_inside,
    pair_agreement,
    slip_rate,
)
from classifier.core.contracts import Array
from classifier.core.splits import TooFewGroups

_MOST_EXAMPLES = 12


@dataclasses.dataclass(frozen=True, slots=True)
class PairEvidence:
    """What is known about telling two classes apart.

    Parameters
    ----------
    first, second : int
        Positions.
    n_photos : tuple of int
        Labelled photos of each.
    auc : Interval
        Of a model that sees the embeddings, on photos of groups it has not seen; 0.5 is guessing.
    attainable_auc : float
        What a model without fault would get against labels as noisy as the experts' agreement implies; 1 without
        opinions.
    agreement : Interval
        How often two experts agree on a photo both call one of the two; unknown without opinions.
    purity : Interval
        Of the nearest photos in the embedding; 0.5 is one cloud.
    confusion : float
        Share of the two classes' photos that the model takes for the other one.
    clear : tuple of ndarrays of int
        Rows most surely of `first` and of `second`, for a person to look at.
    """

    first: int
    second: int
    n_photos: tuple[int, int]
    auc: Interval
    attainable_auc: float
    agreement: Interval
    purity: Interval
    confusion: float
    clear: tuple[Array, Array]

    @property
    def separability(self) -> float:
        """`auc` as it would be against labels without noise, 0.5..1: what the pictures themselves allow."""
        return self._without_noise(self.auc.value)

    @property
    def most_separability(self) -> float:
        """`separability` at the upper end of the interval of `auc`."""
        return self._without_noise(self.auc.high)

    def _without_noise(self, area: float) -> float:
        if not np.isfinite(area) or self.attainable_auc <= 0.5:
            return 0.5
        share = (area - 0.5) / (self.attainable_auc - 0.5)
        return float(np.clip(0.5 + 0.5 * share, 0.5, 1.0))


def pair_table(
    X: Array,
    labels: Array,
    groups: Array,
    n_stages: int,
    *,
    confusion: Array | None = None,
    opinions: Opinions | None = None,
    is_ordered: bool = True,
    random_state: int = 0,
) -> list[PairEvidence]:
    """Look at every pair of classes: neighbours over an order, all pairs without one.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Embeddings that were not trained on these labels.
    labels : ndarray of shape (n,), int
        Consensus positions; -1 where there is none.
    groups : ndarray of shape (n,)
    n_stages : int
        K.
    confusion : ndarray of shape (K, K), optional
        Of out-of-fold predictions, truth in rows.
    opinions : Opinions, optional
    is_ordered : bool
    random_state : int

    Returns
    -------
    list of PairEvidence
    """
    pairs = [(k, k + 1) for k in range(n_stages - 1)] if is_ordered else list(combinations(range(n_stages), 2))
    return [
        _pair(np.asarray(X), np.asarray(labels), np.asarray(groups), pair, confusion, opinions, random_state)
        for pair in pairs
    ]


def _pair(
    X: Array,
    labels: Array,
    groups: Array,
    pair: tuple[int, int],
    confusion: Array | None,
    opinions: Opinions | None,
    random_state: int,
) -> PairEvidence:
    first, second = pair
    rows = np.flatnonzero((labels == first) | (labels == second))
    is_second = labels[rows] == second
    counts = (int((~is_second).sum()), int(is_second.sum()))
    auc, purity, clear = UNKNOWN, UNKNOWN, (rows[:0], rows[:0])
    try:
        scores = separating_scores(X[rows], is_second, groups[rows], random_state=random_state)
    except TooFewGroups:
        pass
    else:
        auc = auc_interval(scores, is_second, groups[rows], random_state=random_state)
        purity = neighbour_purity(X[rows], is_second, groups[rows], random_state=random_state)
        clear = (_surest(rows[~is_second], -scores[~is_second]), _surest(rows[is_second], scores[is_second]))
    agreement, attainable = UNKNOWN, 1.0
    if opinions is not None:
        agreement = pair_agreement(opinions, groups, first, second, random_state=random_state)
        attainable = _attainable(agreement, opinions_inside(opinions, rows, first, second))
    return PairEvidence(
        first, second, counts, auc, attainable, agreement, purity, _confused(confusion, first, second), clear
    )


def _surest(rows: Array, scores: Array) -> Array:
    return rows[np.argsort(-scores, kind="stable")[:_MOST_EXAMPLES]]


def _attainable(agreement: Interval, votes: Array) -> float:
    """Labels with errors e on either side leave a faultless model an area of 1 - e."""
    if not agreement.n or not len(votes):
        return 1.0
    rate = slip_rate(agreement.value)
    counts = np.bincount(np.maximum(votes, 1))
    errors = [majority_error(rate, n) for n in range(len(counts))]
    return float(1.0 - (counts @ np.array(errors)) / counts.sum())


def _confused(confusion: Array | None, first: int, second: int) -> float:
    if confusion is None:
        return float("nan")
    block = np.asarray(confusion, dtype=np.float64)[np.ix_([first, second], [first, second])]
    total = np.asarray(confusion, dtype=np.float64)[[first, second]].sum()
    return float((block[0, 1] + block[1, 0]) / total) if total else 0.0
