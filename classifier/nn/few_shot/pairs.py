"""Pairs of photos, half of one stage and half of two, for siamese networks."""

from __future__ import annotations

import numpy as np

from classifier.core.contracts import Array
from classifier.core.episodes import rows_by_class


class PairSampler:
    """Draws pairs evenly over the stages, so that frequent ones do not take all pairs.

    A photo is never paired with itself, and photos of one stage are taken from two groups where the stage has two:
    that two pictures of one burst are alike teaches nothing. Half of the unlike pairs are of neighbouring stages.

    Args:
        targets: Label distributions (n, K); a photo counts as of its most voted stage.
        groups: Groups (n,).
        is_ordered: Whether stages have neighbours.
        rng: Source of all draws.
    """

    def __init__(self, targets: Array, groups: Array, *, is_ordered: bool, rng: np.random.Generator) -> None:
        self._rows = rows_by_class(targets.argmax(axis=1), targets.shape[1])
        self._groups = np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]
        self._present = np.flatnonzero([len(rows) > 0 for rows in self._rows])
        self._paired = np.flatnonzero([len(rows) > 1 for rows in self._rows])
        self._is_ordered = is_ordered
        self._rng = rng

    @staticmethod
    def fits(targets: Array) -> bool:
        """Tell whether there are pairs of both kinds: two stages, and two photos of one."""
        counts = np.bincount(targets.argmax(axis=1))
        return bool((counts > 0).sum() >= 2 and counts.max() >= 2)

    def rows(self, n: int) -> tuple[Array, Array, Array]:
        """Draw n pairs: rows (n,), rows (n,), and whether they are of one stage, bool (n,)."""
        is_same = np.arange(n) % 2 == 0
        drawn = [self._same() if same else self._different() for same in is_same]
        first, second = np.array(drawn).T
        return first, second, is_same

    def batch(self, X: Array, n: int) -> tuple[list[Array], Array]:
        """Draw n pairs of rows of `X`: [a, b], each (n, *shape) float32, and is_same float32 (n, 1)."""
        first, second, is_same = self.rows(n)
        return [X[first].astype(np.float32), X[second].astype(np.float32)], is_same[:, None].astype(np.float32)

    def _same(self) -> tuple[int, int]:
        rows = self._rows[self._rng.choice(self._paired)]
        a = int(self._rng.choice(rows))
        others = rows[self._groups[rows] != self._groups[a]]
        return a, int(self._rng.choice(others if len(others) else rows[rows != a]))

    def _different(self) -> tuple[int, int]:
        place = int(self._rng.integers(len(self._present)))
        others = np.delete(np.arange(len(self._present)), place)
        if self._is_ordered and self._rng.random() < 0.5:
            others = others[np.abs(others - place) == 1]
        a, b = self._present[place], self._present[self._rng.choice(others)]
        return int(self._rng.choice(self._rows[a])), int(self._rng.choice(self._rows[b]))
