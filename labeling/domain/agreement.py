"""How far two raters agree on the same items, on an ordered scale. Shapes: both sequences (n_items,), positions from 0.

Report exact agreement beside the weighted kappa: with 7 stages, 70 % exact agreement still gives a kappa of 0.96.

References:
    Cohen, J. 1968. Weighted kappa. Psychological Bulletin 70(4), 213-220.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def within(first: Sequence[int], second: Sequence[int], *, stages: int = 1) -> float:
    """Share of items on which the two are at most ``stages`` apart.

    Raises:
        ValueError: for no items, or sequences of unlike length.
    """
    a, b = _paired(first, second)
    return float(np.mean(np.abs(a - b) <= stages))


def exact(first: Sequence[int], second: Sequence[int]) -> float:
    """Share of items on which the two say the same.

    Raises:
        ValueError: for no items, or sequences of unlike length.
    """
    return within(first, second, stages=0)


def quadratic_weighted_kappa(first: Sequence[int], second: Sequence[int], *, n_stages: int) -> float:
    """Agreement beyond chance where an error of two stages weighs four times that of one; 1 is perfect, 0 is chance.

    Where both name one and the same stage throughout there is nothing to disagree on, and the value is 1.

    Raises:
        ValueError: for no items, sequences of unlike length, or positions outside the scale.
    """
    a, b = _paired(first, second)
    if min(a.min(), b.min()) < 0 or max(a.max(), b.max()) >= n_stages:
        raise ValueError(f"positions must lie in 0..{n_stages - 1}")
    observed = np.bincount(a * n_stages + b, minlength=n_stages**2).reshape(n_stages, n_stages) / len(a)
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0))
    positions = np.arange(n_stages)
    weights = np.subtract.outer(positions, positions) ** 2
    chance = float((weights * expected).sum())
    return 1.0 if chance == 0 else 1.0 - float((weights * observed).sum()) / chance


def boundary_agreement(first: Sequence[int], second: Sequence[int], *, n_stages: int) -> list[float | None]:
    """Agreement per boundary, shape (n_stages - 1,): entry b is over the items that both put at b or b + 1.

    None where no item lies at the boundary.

    Raises:
        ValueError: for no items, or sequences of unlike length.
    """
    a, b = _paired(first, second)
    shares: list[float | None] = []
    for boundary in range(n_stages - 1):
        at = (np.isin(a, (boundary, boundary + 1))) & (np.isin(b, (boundary, boundary + 1)))
        shares.append(float(np.mean(a[at] == b[at])) if at.any() else None)
    return shares


def _paired(first: Sequence[int], second: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError("agreement needs two sequences of the same length, at least 1")
    return a, b
