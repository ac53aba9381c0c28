"""One photo of a burst a batch; one of a group until every group has given one."""

from __future__ import annotations

import numpy as np

from classifier.core.contracts import Array


def encoded(names: Array | None, n: int) -> Array:
    """Name the distinct values of `names` (n,) by integers from 0; None makes every row its own."""
    if names is None:
        return np.arange(n)
    names = np.asarray(names)
    if names.dtype.kind in "iu":
        return np.unique(names, return_inverse=True)[1]
    # A dictionary, for sorting a million strings takes ten times as long.
    numbers: dict[object, int] = {}
    return np.fromiter((numbers.setdefault(name, len(numbers)) for name in names.tolist()), np.int64, n)


def rationed(rows: Array, groups: Array, bursts: Array, n: int) -> Array:
    """Cut a ranking to `n` rows.

    Parameters
    ----------
    rows : ndarray of shape (m,), int
        Best first.
    groups, bursts : ndarray of shape (n_pool,), int
        As `encoded` gives them.
    n : int

    Returns
    -------
    ndarray of shape (<= n,), int
        The best row of each burst; among these the best of each group first, then the second best, and so on.
    """
    rows = rows[_turns(bursts[rows]) == 0]
    return rows[np.argsort(_turns(groups[rows]), kind="stable")][:n]


def _turns(codes: Array) -> Array:
    """How often each value came before, shape (m,)."""
    order = np.argsort(codes, kind="stable")
    ranked = codes[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(codes) else order
    turns = np.empty(len(codes), dtype=np.int64)
    turns[order] = np.arange(len(codes)) - np.repeat(starts, np.diff(np.append(starts, len(codes))))
    return turns


class Ration:
    """The same rule for functions whose next pick depends on the last.

    Parameters
    ----------
    groups, bursts : ndarray of shape (m,), int
    is_free : ndarray of shape (m,), bool, optional
        Rows that may be taken at all; None: every row.
    """

    def __init__(self, groups: Array, bursts: Array, is_free: Array | None = None) -> None:
        self._groups, self._bursts = groups, bursts
        self._is_free = np.ones(len(groups), dtype=bool) if is_free is None else np.array(is_free, dtype=bool)
        self._group_open = np.ones(int(groups.max(initial=-1)) + 1, dtype=bool)

    def open_rows(self) -> Array:
        """Mask (m,) of the rows that may be taken now; all false when there is none left."""
        rows = self._is_free & self._group_open[self._groups]
        if not rows.any():
            self._group_open[:] = True
            rows = self._is_free.copy()
        return rows

    def take(self, row: int) -> None:
        """Note that `row` was picked."""
        self._is_free[self._bursts == self._bursts[row]] = False
        self._group_open[self._groups[row]] = False
