"""Whole groups drawn again: the one source of intervals in a report, so that its figures are drawn alike."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from classifier.core.contracts import Array

LEVEL = 0.95


class Figure(TypedDict):
    """A value and its interval, which always holds it."""

    value: float
    low: float
    high: float


class GroupResamples:
    """How often each group was drawn in each resample.

    Parameters
    ----------
    groups : ndarray of shape (n,)
    n_resamples : int
        B.
    random_state : int
    """

    def __init__(self, groups: Array, *, n_resamples: int = 500, random_state: int = 0) -> None:
        _, self.index = np.unique(np.asarray(groups).astype(str), return_inverse=True)
        self.n_groups = int(self.index.max()) + 1 if len(self.index) else 0
        rng = np.random.default_rng(random_state)
        share = np.full(self.n_groups, 1.0 / max(1, self.n_groups))
        #: (B, groups), rows sum to the number of groups.
        self.weights = rng.multinomial(self.n_groups, share, size=n_resamples) if self.n_groups else np.zeros((1, 0))

    def sums(self, values: Array) -> Array:
        """Sum `values` (n, ...) over the photos of each resample: (B, ...)."""
        values = np.asarray(values, dtype=np.float64)
        flat = values.reshape(len(values), -1)
        by_group = np.zeros((self.n_groups, flat.shape[1]))
        np.add.at(by_group, self.index, flat)
        return (self.weights @ by_group).reshape(len(self.weights), *values.shape[1:])

    def mean(self, values: Array, mask: Array | None = None) -> Figure | None:
        """Give the mean of `values` (n,), over `mask` where one is given, with its interval; None without photos."""
        chosen = np.ones(len(values), bool) if mask is None else np.asarray(mask, bool)
        if not chosen.any():
            return None
        kept = np.where(chosen, np.asarray(values, dtype=np.float64), 0.0)
        sums, counts = self.sums(kept), self.sums(chosen)
        # A resample without any of the photos says nothing about them.
        drawn = counts > 0
        return figure(float(kept.sum() / chosen.sum()), sums[drawn] / counts[drawn])


def figure(value: float, resampled: Array) -> Figure:
    """Put a value and its resamples (B,) together; the interval is widened to hold the value."""
    if len(resampled) == 0:
        return {"value": value, "low": value, "high": value}
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {"value": float(value), "low": min(float(low), float(value)), "high": max(float(high), float(value))}
