"""When are opinions on a photo enough, and what do they say? Pure: a function of the opinions, in any order.

On an ordered scale:

1. Fewer opinions than wanted: ask on.
2. More than half say "unusable", or more than half "cannot tell": that is the outcome.
3. More than half name a stage. Two of them lie 2 or more stages apart, or on either side of a critical boundary: an
   adjudicator decides; more votes would only bury a misunderstanding (a wrong plant, a slip of the key, a rule read
   differently).
4. Without a wanted certainty: all overlap ("3" and "between 3 and 4" do): what they share is the stage; the earlier of
   two, since a stage counts as reached when it has begun for certain. They differ by one: the median, if it is one
   stage.
5. With a wanted certainty: the most probable stage, by the posterior that the caller worked out from who said what, if
   it is that certain and somebody named it. Where all said "between" the same two, the two together must be that
   certain, and the earlier is the stage.
6. Undecided at any of these points: one opinion more is asked, up to the most that a photo may get, then an adjudicator
   decides.

On a scale without an order nothing is near or far: step 3 does not apply, and in step 4 a stage needs more than half of
the votes that name one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from labeling.domain.soft_labels import distribution_of, interval_halves

CRITICAL_GAP = 2
"""Opinions this many stages apart go to an adjudicator at once."""


class OpinionKind(Enum):
    """As ``Annotation.Kind``."""

    STAGE = "stage"
    BETWEEN = "between"
    CANNOT_TELL = "cannot_tell"
    UNUSABLE = "unusable"


@dataclass(frozen=True)
class Opinion:
    """What one annotator or source says: positions for STAGE (``lower``) and BETWEEN (both), None for the rest."""

    kind: OpinionKind
    lower: int | None = None
    upper: int | None = None

    @property
    def interval(self) -> tuple[int, int] | None:
        """(lower, upper), equal for a plain stage; None when no stage is named."""
        if self.lower is None:
            return None
        return self.lower, self.lower if self.upper is None else self.upper


def opinion_between(lower: int, upper: int | None = None, *, is_ordered: bool) -> Opinion | None:
    """What naming one or two stages says on another version of the scale, by their positions there.

    Two that are one stage by now name it; two that are no neighbours there any more say nothing that can be counted.
    """
    if upper is None or upper == lower:
        return Opinion(OpinionKind.STAGE, lower)
    if not is_ordered or abs(upper - lower) > 1:
        return None
    return Opinion(OpinionKind.BETWEEN, min(lower, upper), max(lower, upper))


@dataclass(frozen=True)
class Policy:
    """When a photo has been answered enough.

    Attributes:
        labels_wanted: opinions every photo gets, at least 1.
        labels_max: opinions after which an adjudicator decides; None is one more than wanted.
        certainty_wanted: a photo is asked until its stage is this probable; None settles by counting votes.
        critical_boundaries: b: a difference across the boundary of positions b and b + 1 needs an adjudicator.
    """

    labels_wanted: int
    labels_max: int | None = None
    certainty_wanted: float | None = None
    critical_boundaries: frozenset[int] = frozenset()

    @property
    def most(self) -> int:
        return self.labels_wanted + 1 if self.labels_max is None else self.labels_max


@dataclass(frozen=True)
class AskMore:
    """Not settled: ``wanted`` opinions in all are needed."""

    wanted: int


@dataclass(frozen=True)
class Adjudicate:
    """Not to be settled by more votes. ``stage_gap``: largest distance between two opinions, in stages."""

    stage_gap: int


@dataclass(frozen=True)
class Settled:
    """Settled. ``outcome`` is "stage", "unusable" or "undecidable"; the rest is as in ``Consensus``."""

    outcome: str
    stage: int | None
    distribution: tuple[float, ...]
    consensus_quality: float
    annotator_agreement: float


Verdict = AskMore | Adjudicate | Settled


def decide(
    opinions: Sequence[Opinion],
    *,
    n_stages: int,
    is_ordered: bool,
    policy: Policy,
    posterior: Sequence[float] | None = None,
) -> Verdict:
    """What follows from ``opinions`` under the policy.

    Args:
        opinions: one per annotator or source, in any order.
        n_stages: length of the scale; positions are below it.
        is_ordered: whether neighbours on the scale are alike.
        policy: when a photo has been answered enough.
        posterior: probability of each stage, (n_stages,); needed where the policy wants a certainty and a stage is
            named.

    Raises:
        ValueError: for an interval that does not fit the scale, or a posterior that is missing.
    """
    n = len(opinions)
    if n < policy.labels_wanted:
        return AskMore(policy.labels_wanted)
    for kind, outcome in ((OpinionKind.UNUSABLE, "unusable"), (OpinionKind.CANNOT_TELL, "undecidable")):
        count = sum(opinion.kind is kind for opinion in opinions)
        if 2 * count > n:
            return Settled(outcome, None, (), count / n, count / n)
    intervals = [opinion.interval for opinion in opinions if opinion.interval is not None]
    gap = stage_gap(intervals, is_ordered=is_ordered)
    if is_ordered and (gap >= CRITICAL_GAP or crosses(intervals, policy.critical_boundaries)):
        return Adjudicate(gap)
    found = None
    if 2 * len(intervals) > n:
        if policy.certainty_wanted is None:
            found = _by_votes(intervals, gap, n_stages, is_ordered=is_ordered)
        else:
            found = _by_certainty(intervals, posterior, n_stages, policy.certainty_wanted)
    if found is None:
        return AskMore(n + 1) if n < policy.most else Adjudicate(gap)
    stage, distribution = found
    agreeing = sum(lower <= stage <= upper for lower, upper in intervals)
    return Settled("stage", stage, distribution, distribution[stage], agreeing / n)


def crosses(intervals: Sequence[tuple[int, int]], boundaries: Collection[int]) -> bool:
    """Whether two opinions lie wholly on either side of one of the boundaries."""
    if not intervals:
        return False
    earliest_end = min(upper for _, upper in intervals)
    latest_start = max(lower for lower, _ in intervals)
    return any(earliest_end <= boundary < latest_start for boundary in boundaries)


def _by_votes(
    intervals: Sequence[tuple[int, int]], gap: int, n_stages: int, *, is_ordered: bool
) -> tuple[int, tuple[float, ...]] | None:
    stage = _shared_or_median(intervals, gap, n_stages) if is_ordered else _majority(intervals, n_stages)
    return None if stage is None else (stage, tuple(distribution_of(intervals, n_stages=n_stages)))


def _by_certainty(
    intervals: Sequence[tuple[int, int]], posterior: Sequence[float] | None, n_stages: int, certainty: float
) -> tuple[int, tuple[float, ...]] | None:
    if posterior is None or len(posterior) != n_stages:
        raise ValueError("a certainty needs a posterior over the stages of the scale")
    first, last = max(lower for lower, _ in intervals), min(upper for _, upper in intervals)
    if first + 1 == last and posterior[first] + posterior[last] >= certainty:
        return first, tuple(posterior)
    stage = max(range(n_stages), key=posterior.__getitem__)
    is_named = any(lower <= stage <= upper for lower, upper in intervals)
    return (stage, tuple(posterior)) if is_named and posterior[stage] >= certainty else None


def stage_gap(intervals: Sequence[tuple[int, int]], *, is_ordered: bool) -> int:
    """Largest distance between two opinions, in stages; overlapping ones are 0 apart. Without an order: 0 or 1."""
    if not intervals:
        return 0
    gap = max(0, max(lower for lower, _ in intervals) - min(upper for _, upper in intervals))
    return gap if is_ordered else min(gap, 1)


def _shared_or_median(intervals: Sequence[tuple[int, int]], gap: int, n_stages: int) -> int | None:
    """The earliest stage all share, else the median; None where the median falls between two stages."""
    if gap == 0:
        return max(lower for lower, _ in intervals)
    total, cumulative = 2 * len(intervals), 0
    for stage, halves in enumerate(_halves(intervals, n_stages)):
        cumulative += halves
        if 2 * cumulative == total:
            return None
        if 2 * cumulative > total:
            return stage
    raise AssertionError("half votes must sum to their total")


def _majority(intervals: Sequence[tuple[int, int]], n_stages: int) -> int | None:
    halves = _halves(intervals, n_stages)
    stage = max(range(n_stages), key=halves.__getitem__)
    return stage if halves[stage] > len(intervals) else None


def _halves(intervals: Sequence[tuple[int, int]], n_stages: int) -> list[int]:
    per_opinion = [interval_halves(lower, upper, n_stages=n_stages) for lower, upper in intervals]
    return [sum(column) for column in zip(*per_opinion, strict=True)]
