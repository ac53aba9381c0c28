"""Splits that never put one plant, site or burst on both sides."""

from __future__ import annotations

import numpy as np

from classifier.core.contracts import Array


class TooFewGroups(ValueError):
    """There are fewer than two groups, so nothing can be held apart."""


def grouped_folds(labels: Array, groups: Array, *, n_folds: int, random_state: int = 0) -> Array:
    """Assign every photo to a fold, whole groups at a time and stages spread evenly.

    Groups are shuffled, then placed largest first into the fold that leaves the stage counts most even, which is
    the greedy rule of scikit-learn's ``StratifiedGroupKFold`` with ties broken by fold size.

    Parameters
    ----------
    labels : ndarray of shape (n,), int
        Stage positions.
    groups : ndarray of shape (n,)
        Integers or strings.
    n_folds : int
        Wanted number of folds; fewer are made when there are fewer groups.
    random_state : int

    Returns
    -------
    ndarray of shape (n,), int
        Fold of each photo, 0 .. folds-1, every fold non-empty.

    Raises
    ------
    TooFewGroups
        With fewer than two groups.
    """
    _, group_index = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    n_groups = int(group_index.max()) + 1 if len(group_index) else 0
    if n_groups < 2:
        raise TooFewGroups(f"{n_groups} group(s) of photos cannot be split; label photos of another plant or date")
    n_folds = min(n_folds, n_groups)
    labels = np.asarray(labels, dtype=np.int64)
    counts = np.zeros((n_groups, int(labels.max()) + 1))
    np.add.at(counts, (group_index, labels), 1.0)

    rng = np.random.default_rng(random_state)
    order = rng.permutation(n_groups)
    # A stable sort keeps the shuffle among groups of one size, so seeds differ without losing "largest first".
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    fold_of_group = _place(counts, order, n_folds)
    return fold_of_group[group_index]


def _place(counts: Array, order: Array, n_folds: int) -> Array:
    share = counts / np.maximum(counts.sum(axis=0), 1.0)
    filled = np.zeros((n_folds, counts.shape[1]))
    sizes = np.zeros(n_folds)
    fold_of_group = np.zeros(len(counts), dtype=np.int64)
    for place, group in enumerate(order):
        # The last groups are forced into folds that are still empty.
        empty = np.flatnonzero(sizes == 0)
        choices = empty if len(order) - place <= len(empty) else np.arange(n_folds)
        spread = [_spread_after(filled, share[group], int(fold)) for fold in choices]
        best = min(range(len(choices)), key=lambda i: (round(spread[i], 12), sizes[choices[i]]))
        fold = int(choices[best])
        filled[fold] += share[group]
        sizes[fold] += counts[group].sum()
        fold_of_group[group] = fold
    return fold_of_group


def _spread_after(filled: Array, added: Array, fold: int) -> float:
    trial = filled.copy()
    trial[fold] += added
    return float(trial.std(axis=0).mean())


def fold_pairs(folds: Array) -> list[tuple[Array, Array]]:
    """List (training rows, validation rows) for each fold of `grouped_folds`."""
    return [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(int(folds.max()) + 1)]
