"""Figures with 95 % intervals that know about groups: photos of one plant are not independent.

Groups come as numbered *blocks*: every photo of a group is in the same block, and a block may hold several groups.

References:
    Wilson, E. B. 1927. Probable inference, the law of succession, and statistical inference. JASA 22, 209-212.
    Newcombe, R. G. 1998. Interval estimation for the difference between independent proportions. Statistics in Medicine
    17(8), 873-890.
    DerSimonian, R., Laird, N. 1986. Meta-analysis in clinical trials. Controlled Clinical Trials 7(3), 177-188.
    Louis, T. A. 1982. Finding the observed information matrix when using the EM algorithm. JRSS B 44(2), 226-233.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

Z = 1.959964
"""Standard deviations to either side that hold 95 %."""
N_BLOCKS = 1000
N_RESAMPLES = 400
TINY = 1e-3
LEAST_INFORMATION = 0.1
"""At least this share of the information of n answers is taken to be there, however unsure the truth is."""


@dataclass(frozen=True)
class Interval:
    """A figure, its 95 % interval, and the number of items it rests on."""

    value: float
    low: float
    high: float
    n: int


def blocks_of(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """A block for each group, the same for the same group whatever else there is."""
    mixed = groups.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(32)) % np.uint64(N_BLOCKS)).astype(np.intp)


def wilson(share: float, n_effective: float, *, n: int) -> Interval:
    """Wilson's interval of a share that is as sure as one of ``n_effective`` independent items; n is told as it is."""
    if n_effective <= 0:
        return Interval(share, 0.0, 1.0, n)
    spread = Z**2 / n_effective
    centre = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * np.sqrt(share * (1 - share) / n_effective + spread / (4 * n_effective))
    return Interval(share, float(max(0.0, min(centre - half, share))), float(min(1.0, max(centre + half, share))), n)


def share_interval(hits: Array, weight: Array, block: npt.NDArray[np.intp], *, n: int | None = None) -> Interval | None:
    """A weighted share of items, (n_items,) each, with the grouping counted in; None for no items.

    Args:
        hits: 0..1.
        weight: of each item.
        block: its block.
        n: independent items, where items repeat each other; also what is told as n.
    """
    total = float(weight.sum())
    if total <= 0:
        return None
    n = len(hits) if n is None else n
    share = float((hits * weight).sum() / total)
    off = np.bincount(block, weight * (hits - share), N_BLOCKS)
    variance = float((off**2).sum()) / total**2
    n_effective = min(share * (1 - share) / variance, n) if variance > 0 else n
    return wilson(share, n_effective, n=n)


def difference(first: Interval, second: Interval) -> Interval:
    """Newcombe's interval of the difference of two shares, first - second."""
    value = first.value - second.value
    low = value - np.hypot(first.value - first.low, second.high - second.value)
    high = value + np.hypot(first.high - first.value, second.value - second.low)
    return Interval(value, float(max(-1.0, low)), float(min(1.0, high)), min(first.n, second.n))


def resampled(by_block: Array, statistic: Callable[[Array], Array], *, n: int, seed: int) -> Interval | None:
    """A statistic of sums over blocks, with the bootstrap's percentile interval; blocks are drawn with replacement.

    Args:
        by_block: (n_blocks, ...), what each block adds to the sums.
        statistic: of sums (n_resamples, ...), to (n_resamples,); NaN where it has no value.
        n: told as n.
        seed: of the draws.
    """
    filled = by_block[by_block.reshape(len(by_block), -1).any(axis=1)]
    if not len(filled):
        return None
    value = float(statistic(filled.sum(axis=0)[None])[0])
    if not np.isfinite(value):
        return None
    draws = np.random.default_rng(seed).multinomial(len(filled), np.full(len(filled), 1 / len(filled)), N_RESAMPLES)
    values = statistic(np.tensordot(draws.astype(np.float64), filled, axes=1))
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, [0.025, 0.975]) if len(values) else (value, value)
    return Interval(value, float(min(low, value)), float(max(high, value)), n)


@dataclass(frozen=True)
class Means:
    """Expected means per annotator, (A,) each: value, variance, and the answers they rest on."""

    value: Array
    variance: Array
    n: npt.NDArray[np.int64]

    def of(self, annotator: int) -> Interval:
        """As a share, 0..1."""
        value, variance = float(np.clip(self.value[annotator], 0, 1)), float(self.variance[annotator])
        n = int(self.n[annotator])
        return wilson(value, min(value * (1 - value) / variance, n) if variance > 0 else n, n=n)

    def of_others(self, annotator: int, among: npt.NDArray[np.bool_]) -> tuple[float, float]:
        """Mean and variance over the answers of those ``among`` others; (nan, 0) where there are none."""
        weight = np.where(among, self.n, 0).astype(np.float64)
        weight[annotator] = 0
        total = weight.sum()
        if total == 0:
            return float("nan"), 0.0
        return float(weight @ self.value / total), float(weight**2 @ self.variance / total**2)


def expected_means(
    expected: Array, uncertainty: Array, annotator: npt.NDArray[np.intp], block: npt.NDArray[np.intp], n_annotators: int
) -> Means:
    """Means, per annotator, of something that depends on a truth known by its posterior only.

    What is not known about the truth is not known about the mean: by Louis's identity the information of the answers is
    what is left of it once the uncertainty of each is taken away.

    Args:
        expected: (M,) expectation of each answer's figure over the posterior.
        uncertainty: (M,) variance of it over the posterior.
        annotator: (M,) whose answer.
        block: (M,) where the groups are.
        n_annotators: A.
    """
    n = np.bincount(annotator, minlength=n_annotators)
    some = np.maximum(n, 1)
    mean = np.bincount(annotator, expected, n_annotators) / some
    off = expected - mean[annotator]
    told = np.bincount(annotator, off**2, n_annotators)
    complete = (told + np.bincount(annotator, uncertainty, n_annotators)) / some
    information = np.maximum(told, LEAST_INFORMATION * n * complete)
    grouped = np.bincount(annotator * N_BLOCKS + block, off, n_annotators * N_BLOCKS).reshape(n_annotators, N_BLOCKS)
    clustering = np.where(told > 0, (grouped**2).sum(axis=1) / np.where(told > 0, told, 1), 1.0)
    variance = np.where(information > 0, complete**2 / np.where(information > 0, information, 1), 0.0)
    return Means(mean, variance * np.maximum(clustering, 1.0), n)


@dataclass(frozen=True)
class Pooled:
    """Figures of several annotators after each was drawn towards the others, (A,) each."""

    value: Array
    variance: Array


def drawn_together(value: Array, variance: Array, *, least_spread: float) -> Pooled:
    """Each figure as it is expected to be once those of the others are known: few answers weigh little.

    Figures are taken to be spread normally; how far is estimated by the method of DerSimonian and Laird. One's own
    figure does not count among the others, so that somebody unlike them is not hidden by their own weight.

    Args:
        value: (A,), NaN where there is none.
        variance: (A,) of the estimate, infinite where there is none.
        least_spread: the figures are spread at least this much, as a standard deviation.

    Returns:
        Value and variance (A,); NaN and infinity for those who have no figure and nobody to be like.
    """
    has_one = np.isfinite(value) & np.isfinite(variance)
    weight = np.where(has_one, 1 / np.maximum(variance, TINY * least_spread**2), 0.0)
    filled = np.where(has_one, value, 0.0)
    pooled = Pooled(np.where(has_one, value, np.nan), np.where(has_one, variance, np.inf))
    for one in range(len(value)):
        others = has_one & (np.arange(len(value)) != one)
        if others.any():
            spread = max(_spread(filled[others], weight[others]), least_spread**2)
            like = 1 / (1 / weight[others] + spread)
            near = 1 / (1 / like.sum() + spread)
            sure = weight[one] + near
            pooled.value[one] = (weight[one] * filled[one] + near * (like @ filled[others]) / like.sum()) / sure
            pooled.variance[one] = 1 / sure
    return pooled


def _spread(value: Array, weight: Array) -> float:
    """Variance between figures beyond that of their estimates; ``weight`` is one over the latter."""
    total = weight.sum()
    centre = weight @ value / total
    room = total - (weight**2).sum() / total
    excess = weight @ (value - centre) ** 2 - (len(value) - 1)
    return float(max(0.0, excess / room)) if room > 0 else 0.0
