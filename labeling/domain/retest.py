"""Test-retest: which photos somebody is asked about again, and how far they say the same as before.

Nobody can agree with others more often than with themselves: what one person says of one photo on two days is the
ceiling that the agreement of all is read against.

Reference: Bland, J. M., Altman, D. G. 1986. Statistical methods for assessing agreement between two methods of clinical
measurement. The Lancet 327(8476), 307-310: repeatability limits the agreement that is possible.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from labeling.domain.intervals import Interval, wilson

RETEST_AFTER = timedelta(days=7)
"""Sooner, what is asked for is the memory of the photo."""
ROUND_PHOTOS = 20


@dataclass(frozen=True)
class DecidedPhoto:
    """A photo that its decider may be asked about again.

    Attributes:
        photo_id: of the photo.
        stage: what they said, a position of the scale.
        is_boundary: somebody else, or the model, saw another stage.
        last_asked: when they were last asked again; None for never.
    """

    photo_id: int
    stage: int
    is_boundary: bool
    last_asked: datetime | None = None


@dataclass(frozen=True)
class Repeated:
    """A second answer beside the first. ``steps``: stages apart, None where that has no meaning."""

    is_same: bool
    steps: int | None


@dataclass(frozen=True)
class SelfAgreement:
    """How far somebody says the same again; a figure without photos is None, as is ``within_one`` without an order."""

    exact: Interval | None
    within_one: Interval | None
    clear: Interval | None
    boundary: Interval | None


@dataclass(frozen=True)
class Tally:
    """Photos asked again, by side, and how many of each got the same stage; ``n_within`` those at most one off."""

    n_clear: int
    n_clear_same: int
    n_boundary: int
    n_boundary_same: int
    n_within: int


def round_drawn(pool: Collection[DecidedPhoto], *, size: int, seed: str) -> list[DecidedPhoto]:
    """The photos of a round, in the order in which they are asked. The same again for the same arguments.

    A photo comes again only where every other was asked before. Among photos asked alike the stages take turns, each
    with the side (clear, or at a boundary) it had least of; among photos alike in that, who was asked longest ago. The
    order of the round is drawn at last: turns of stages would give the answers away.
    """
    chance = random.Random(seed)  # noqa: S311 - a draw that can be repeated, no secret
    turn = {stage: chance.random() for stage in sorted({it.stage for it in pool})}
    draw = {photo_id: chance.random() for photo_id in sorted(it.photo_id for it in pool)}
    drawn: list[DecidedPhoto] = []
    for was_asked in (False, True):
        left = {it for it in pool if (it.last_asked is not None) is was_asked}
        while left and len(drawn) < size:
            stages = Counter(it.stage for it in drawn)
            sides = Counter((it.stage, it.is_boundary) for it in drawn)
            best = min(
                left,
                key=lambda it: (
                    stages[it.stage], turn[it.stage], sides[it.stage, it.is_boundary],
                    0 if it.last_asked is None else it.last_asked.timestamp(), draw[it.photo_id],
                ),
            )  # fmt: skip
            left.remove(best)
            drawn.append(best)
    chance.shuffle(drawn)
    return drawn


def repeated(*, first: int, lower: int | None, upper: int | None = None, is_ordered: bool) -> Repeated:
    """A second answer beside the first.

    Args:
        first: position of the stage that was named first.
        lower: position named now; None when it cannot be told now.
        upper: the later one of two stages that the photo is now said to lie between: at least one stage apart.
        is_ordered: without an order no stage is nearer than another.
    """
    if lower is None:
        return Repeated(is_same=False, steps=None)
    if upper is None and lower == first:
        return Repeated(is_same=True, steps=0)
    if not is_ordered:
        return Repeated(is_same=False, steps=None)
    nearest = min(abs(first - named) for named in (lower, lower if upper is None else upper))
    return Repeated(is_same=False, steps=max(1, nearest))


def self_agreement(tally: Tally, *, is_ordered: bool) -> SelfAgreement:
    """The figures of a tally, with Wilson's intervals: each photo is counted once, so they are independent."""
    n = tally.n_clear + tally.n_boundary
    return SelfAgreement(
        exact=_share(tally.n_clear_same + tally.n_boundary_same, n),
        within_one=_share(tally.n_within, n) if is_ordered else None,
        clear=_share(tally.n_clear_same, tally.n_clear),
        boundary=_share(tally.n_boundary_same, tally.n_boundary),
    )


def _share(hits: int, n: int) -> Interval | None:
    return wilson(hits / n, n, n=n) if n else None
