"""Opinions as probability distributions over the stages of a scale.

"Between k and k+1" is half of each: as a training target it tells the model where the boundary lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def interval_halves(lower: int, upper: int, *, n_stages: int) -> list[int]:
    """One opinion as two half votes per stage, shape (n_stages,): 2 on ``lower``, or 1 on ``lower`` and 1 on ``upper``.

    Raises:
        ValueError: unless 0 <= lower <= upper <= lower + 1 and upper < n_stages.
    """
    if not 0 <= lower <= upper <= lower + 1 or upper >= n_stages:
        raise ValueError(f"no interval of a scale of {n_stages}: {lower}-{upper}")
    halves = [0] * n_stages
    halves[lower] += 1
    halves[upper] += 1
    return halves


def distribution_of(intervals: Sequence[tuple[int, int]], *, n_stages: int) -> list[float]:
    """Mean of the opinions, shape (n_stages,), sum 1; each opinion is (lower, upper), equal for a plain stage.

    Raises:
        ValueError: for no opinions, or one outside the scale.
    """
    if not intervals:
        raise ValueError("a distribution needs an opinion")
    totals = [0] * n_stages
    for lower, upper in intervals:
        for stage, halves in enumerate(interval_halves(lower, upper, n_stages=n_stages)):
            totals[stage] += halves
    return [float(Fraction(total, 2 * len(intervals))) for total in totals]


def one_hot(stage: int, *, n_stages: int) -> list[float]:
    """Certainty of one stage, shape (n_stages,)."""
    return distribution_of([(stage, stage)], n_stages=n_stages)
