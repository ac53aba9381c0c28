"""A candidate and the version in use, on the same photos that neither has learned."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from classifier.core.contracts import Array
from classifier.core.metrics import bootstrap_mean


@dataclasses.dataclass(frozen=True, slots=True)
class ShadowComparison:
    """What a paired comparison found.

    Parameters
    ----------
    n, serving_right, shadow_right : int
        Photos, and how many of them each named rightly.
    only_serving, only_shadow : int
        Photos that only the one named rightly: all that tells them apart.
    difference, low, high : float
        Accuracy the shadow gains, 0..1, and its 95 % interval by a bootstrap over groups.
    p_value : float
        Of as uneven a split of the photos that only one named rightly, were they equally good (McNemar, exact).
    """

    n: int
    serving_right: int
    shadow_right: int
    only_serving: int
    only_shadow: int
    difference: float
    low: float
    high: float
    p_value: float


def compare(serving_correct: Array, shadow_correct: Array, groups: Array, *, random_state: int = 0) -> ShadowComparison:
    """Compare photo by photo.

    Parameters
    ----------
    serving_correct, shadow_correct : ndarray of shape (n,), bool
    groups : ndarray of shape (n,)
        Plants: drawn together.
    random_state : int

    Returns
    -------
    ShadowComparison
        Of no photos: no difference, and an interval over all there could be.
    """
    serving, shadow = np.asarray(serving_correct, bool), np.asarray(shadow_correct, bool)
    if serving.shape != shadow.shape or len(groups) != len(serving):
        raise ValueError("both versions and groups must have one entry per photo")
    only_serving, only_shadow = int((serving & ~shadow).sum()), int((shadow & ~serving).sum())
    n = len(serving)
    if n == 0:
        return ShadowComparison(0, 0, 0, 0, 0, 0.0, -1.0, 1.0, 1.0)
    gains = shadow.astype(np.float64) - serving
    low, high = bootstrap_mean(gains, groups, random_state=random_state)
    return ShadowComparison(
        n, int(serving.sum()), int(shadow.sum()), only_serving, only_shadow, float(gains.mean()), low, high,
        mcnemar(only_serving, only_shadow),
    )  # fmt: skip


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided exact p-value of two counts that are equally likely to grow.

    References
    ----------
    .. [1] McNemar, "Note on the sampling error of the difference between correlated proportions",
       Psychometrika 12, 1947.
    """
    n = only_first + only_second
    tail = sum(math.comb(n, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / 2**n)
