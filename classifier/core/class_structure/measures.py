"""Figures about two classes, each with an interval over groups."""

from __future__ import annotations

import dataclasses

import numpy as np

from classifier.core.acquisition.vectors import distance_blocks, normalise_rows
from classifier.core.contracts import Array
from classifier.core.heads import fit_head
from classifier.core.splits import TooFewGroups, fold_pairs, grouped_folds

N_RESAMPLES = 400
FOLDS = 5
_STRENGTH = 1.0
_NEIGHBOURS = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Interval:
    """A figure, its 95 % interval over groups, and the photos it rests on."""

    value: float
    low: float
    high: float
    n: int


UNKNOWN = Interval(float("nan"), 0.0, 1.0, 0)
"""Nothing is known: the interval holds everything."""


def separating_scores(X: Array, is_second: Array, groups: Array, *, random_state: int = 0) -> Array:
    """Score photos of two classes by heads that have not seen their group.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    is_second : ndarray of shape (n,), bool
    groups : ndarray of shape (n,)
    random_state : int
        Of the folds.

    Returns
    -------
    ndarray of shape (n,)
        Log-odds of the second class.

    Raises
    ------
    TooFewGroups
        A class has photos of fewer than two groups.
    """
    is_second = np.asarray(is_second, dtype=bool)
    if min(len(np.unique(np.asarray(groups)[side])) for side in (is_second, ~is_second)) < 2:
        raise TooFewGroups("both classes need photos of two groups")
    targets = np.eye(2, dtype=np.float32)[is_second.astype(np.int64)]
    scores = np.zeros(len(X))
    folds = grouped_folds(is_second, groups, n_folds=FOLDS, random_state=random_state)
    for train, validation in fold_pairs(folds):
        head = fit_head(X[train], targets[train], strength=_STRENGTH, tau=0.0, is_ordered=False)
        probas = np.clip(head.predict_proba(X[validation]), 1e-9, None)
        scores[validation] = np.log(probas[:, 1]) - np.log(probas[:, 0])
    return scores


def auc_interval(scores: Array, is_second: Array, groups: Array, *, random_state: int = 0) -> Interval:
    """Area under the ROC curve; groups are drawn again whole.

    Parameters
    ----------
    scores : ndarray of shape (n,)
    is_second : ndarray of shape (n,), bool
    groups : ndarray of shape (n,)
    random_state : int
    """
    is_second = np.asarray(is_second, dtype=bool)
    if is_second.all() or not is_second.any():
        return UNKNOWN
    weights = _group_weights(groups, random_state)
    areas = _weighted_auc(np.asarray(scores), is_second, np.concatenate([np.ones((1, len(scores))), weights]))
    low, high = np.nanquantile(areas[1:], [0.025, 0.975])
    return Interval(float(areas[0]), float(min(low, areas[0])), float(max(high, areas[0])), len(scores))


def _group_weights(groups: Array, random_state: int) -> Array:
    """How often each photo occurs in each resample, shape (N_RESAMPLES, n)."""
    _, codes = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    n_groups = int(codes.max()) + 1
    rng = np.random.default_rng(random_state)
    return rng.multinomial(n_groups, np.full(n_groups, 1.0 / n_groups), size=N_RESAMPLES)[:, codes].astype(np.float64)


def _weighted_auc(scores: Array, is_second: Array, weights: Array) -> Array:
    """Areas (B,) under weights (B, n); equal scores count half."""
    _, rank = np.unique(scores, return_inverse=True)
    n_ranks = int(rank.max()) + 1
    order = np.argsort(rank, kind="stable")
    starts = np.searchsorted(rank[order], np.arange(n_ranks))
    above = np.add.reduceat((weights * is_second)[:, order], starts, axis=1)
    below = np.add.reduceat((weights * ~is_second)[:, order], starts, axis=1)
    beaten = np.cumsum(below, axis=1) - 0.5 * below
    total = above.sum(axis=1) * below.sum(axis=1)
    return np.divide((above * beaten).sum(axis=1), total, out=np.full(len(weights), np.nan), where=total > 0)


def neighbour_purity(X: Array, is_second: Array, groups: Array, *, random_state: int = 0) -> Interval:
    """Share of the nearest photos of other groups that are of the same class, both classes weighing the same.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    is_second : ndarray of shape (n,), bool
    groups : ndarray of shape (n,)
    random_state : int

    Returns
    -------
    Interval
        1 when the classes lie apart, 0.5 when they are one cloud.
    """
    is_second = np.asarray(is_second, dtype=bool)
    if is_second.all() or not is_second.any():
        return UNKNOWN
    vectors = normalise_rows(np.asarray(X, np.float32) - np.asarray(X, np.float32).mean(axis=0))
    _, codes = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    # A neighbour of the larger class is the likelier one, however the classes lie.
    weight = np.where(is_second, 1.0 / is_second.sum(), 1.0 / (~is_second).sum())
    purity = np.full(len(vectors), np.nan)
    for rows, squared in distance_blocks(vectors, vectors):
        squared[codes[rows][:, None] == codes[None, :]] = np.inf
        k = min(_NEIGHBOURS, len(vectors) - 1)
        nearest = np.argpartition(squared, k - 1, axis=1)[:, :k]
        is_there = np.isfinite(np.take_along_axis(squared, nearest, axis=1))
        heavy = weight[nearest] * is_there
        same = is_second[nearest] == is_second[rows][:, None]
        total = heavy.sum(axis=1)
        purity[rows] = np.divide((heavy * same).sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)
    known = np.isfinite(purity)
    return _weighted_mean(purity[known], weight[known], np.asarray(groups)[known], random_state)


def _weighted_mean(values: Array, weight: Array, groups: Array, random_state: int) -> Interval:
    if not len(values):
        return UNKNOWN
    drawn = _group_weights(groups, random_state) * weight
    total = drawn.sum(axis=1)
    means = np.divide(drawn @ values, total, out=np.full(len(total), np.nan), where=total > 0)
    value = float((weight @ values) / weight.sum())
    low, high = np.nanquantile(means, [0.025, 0.975])
    return Interval(value, float(min(low, value)), float(max(high, value)), len(values))


def mean_interval(values: Array, groups: Array, *, random_state: int = 0) -> Interval:
    """Mean of `values` (n,) with groups drawn again whole; nothing known without values."""
    return _weighted_mean(np.asarray(values, np.float64), np.ones(len(values)), np.asarray(groups), random_state)


def cramers_v(one: Array, two: Array) -> float:
    """How far one categorical variable tells another: 0 not at all, 1 entirely; bias-corrected.

    Parameters
    ----------
    one, two : ndarray of shape (n,)

    References
    ----------
    .. [1] Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", J. Korean Statistical Society 42(3), 2013.
    """
    _, rows = np.unique(np.asarray(one).astype(str), return_inverse=True)
    _, columns = np.unique(np.asarray(two).astype(str), return_inverse=True)
    n = len(rows)
    r, c = int(rows.max(initial=-1)) + 1, int(columns.max(initial=-1)) + 1
    if n < 2 or r < 2 or c < 2:
        return 0.0
    table = np.bincount(rows * c + columns, minlength=r * c).reshape(r, c).astype(np.float64)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    phi = float(((table - expected) ** 2 / expected).sum()) / n
    phi = max(phi - (r - 1) * (c - 1) / (n - 1), 0.0)
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return float(min(np.sqrt(phi / smaller), 1.0)) if smaller > 0 else 0.0
