"""What the agreement page tells of a project as a whole: agreement of all pairs of answers, per boundary, per week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labeling.domain.coincidences import Pairs, coincidences, krippendorff_alpha, pairs_of, weighted_kappa
from labeling.domain.intervals import Array, Interval, resampled, share_interval

SEED = 20260301
FEWEST_FOR_KAPPA = 10
"""Photos below which a week has no kappa."""
WEEKS = 53


@dataclass(frozen=True)
class Answers:
    """Answers that name a stage, one per annotator and photo; all (M,).

    Attributes:
        photo: rows of photos.
        lower: the stage named, or the earlier of two.
        upper: the later of two, else the same.
        block: where the photos' groups are, by ``intervals.blocks_of``.
        week: days since 1970-01-01 of the Monday of the week of the answer.
        n_stages: K.
        is_ordered: whether neighbours on the scale are alike.
    """

    photo: npt.NDArray[np.intp]
    lower: npt.NDArray[np.intp]
    upper: npt.NDArray[np.intp]
    block: npt.NDArray[np.intp]
    week: npt.NDArray[np.int64]
    n_stages: int
    is_ordered: bool


@dataclass(frozen=True)
class Overall:
    """Agreement of all pairs; ordinal figures are None on a scale without an order, all are without a pair."""

    exact: Interval | None
    within_one: Interval | None
    qwk: Interval | None
    alpha: Interval | None


@dataclass(frozen=True)
class Week:
    """Agreement of the pairs whose later answer falls into one week; ``monday`` in days since 1970-01-01."""

    monday: int
    exact: Interval
    qwk: float | None


@dataclass(frozen=True)
class AgreementFigures:
    """Agreement of a project's annotators; ``boundaries`` has one entry per boundary of an ordered scale."""

    n_photos_overlap: int
    overall: Overall | None
    boundaries: list[Interval | None]
    weeks: list[Week]


def agreement_figures(answers: Answers) -> AgreementFigures:
    """Agreement overall, per boundary and per week."""
    pairs = pairs_of(answers.photo)
    if not len(pairs.first):
        n_boundaries = answers.n_stages - 1 if answers.is_ordered else 0
        return AgreementFigures(0, None, [None] * n_boundaries, [])
    gaps = _Gaps(answers, pairs)
    return AgreementFigures(pairs.n_photos, _overall(answers, pairs, gaps), _boundaries(gaps), _weeks(answers, pairs))


class _Gaps:
    """Each pair's answers in four halves: both may be "between", and half of each stage is meant."""

    def __init__(self, answers: Answers, pairs: Pairs) -> None:
        self.answers, self.pairs = answers, pairs
        self.block = answers.block[pairs.first]
        self.halves = [
            (one[pairs.first], other[pairs.second])
            for one in (answers.lower, answers.upper)
            for other in (answers.lower, answers.upper)
        ]

    def within(self, stages: int) -> Interval | None:
        """Share of pairs at most ``stages`` apart."""
        hits = np.mean([np.abs(one - other) <= stages for one, other in self.halves], axis=0)
        return share_interval(hits, self.pairs.weight, self.block, n=self.pairs.n_photos)

    def at_boundary(self, boundary: int) -> Interval | None:
        """Share of the pairs with both answers at the boundary that is on one side of it."""
        lies_there = [_is_at(one, boundary) & _is_at(other, boundary) for one, other in self.halves]
        at = np.mean(lies_there, axis=0)
        rows = at > 0
        if not rows.any():
            return None
        same = np.mean([(one == other) & there for (one, other), there in zip(self.halves, lies_there, strict=True)], 0)
        weight = self.pairs.weight * at
        n = len(np.unique(self.pairs.photo[rows]))
        return share_interval(same[rows] / at[rows], weight[rows], self.block[rows], n=n)


def _is_at(stage: npt.NDArray[np.intp], boundary: int) -> npt.NDArray[np.bool_]:
    return (stage == boundary) | (stage == boundary + 1)


def _overall(answers: Answers, pairs: Pairs, gaps: _Gaps) -> Overall:
    matrices = _matrices(answers, pairs)
    n = pairs.n_photos
    if not answers.is_ordered:
        alpha = resampled(matrices, lambda sums: krippendorff_alpha(sums, "nominal"), n=n, seed=SEED)
        return Overall(gaps.within(0), None, None, alpha)
    return Overall(
        exact=gaps.within(0),
        within_one=gaps.within(1),
        qwk=resampled(matrices, weighted_kappa, n=n, seed=SEED),
        alpha=resampled(matrices, krippendorff_alpha, n=n, seed=SEED),
    )


def _boundaries(gaps: _Gaps) -> list[Interval | None]:
    if not gaps.answers.is_ordered:
        return []
    return [gaps.at_boundary(boundary) for boundary in range(gaps.answers.n_stages - 1)]


def _weeks(answers: Answers, pairs: Pairs) -> list[Week]:
    """The latest ``WEEKS`` weeks that have pairs, oldest first."""
    week = np.maximum(answers.week[pairs.first], answers.week[pairs.second])
    found = []
    for monday in np.unique(week)[-WEEKS:]:
        of_week = pairs[week == monday]
        exact = _Gaps(answers, of_week).within(0)
        assert exact is not None
        found.append(Week(int(monday), exact, _kappa_of_week(answers, of_week)))
    return found


def _kappa_of_week(answers: Answers, pairs: Pairs) -> float | None:
    if not answers.is_ordered or pairs.n_photos < FEWEST_FOR_KAPPA:
        return None
    kappa = float(weighted_kappa(_matrices(answers, pairs).sum(axis=0)))
    return kappa if np.isfinite(kappa) else None


def _matrices(answers: Answers, pairs: Pairs) -> Array:
    return coincidences(pairs, answers.lower, answers.upper, answers.block, answers.n_stages)
