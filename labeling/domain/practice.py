"""Practice of new experts: which known photo is asked next, how an answer is graded, when somebody counts.

Whoever practises is told the known stage after each answer, so an answer given in practice is no opinion: it is never
part of a consensus, an export or a training set.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

LOWEST_TARGET = 0.5
"""However little the experts agree, half of the answers of somebody who counts name the known stage."""


class Grade(StrEnum):
    """An answer beside the known stage."""

    EXACT = "exact"
    NEAR = "near"
    FAR = "far"
    UNSURE = "unsure"


@dataclass(frozen=True)
class KnownPhoto:
    """A photo that may be asked.

    Attributes:
        photo_id: of the photo.
        stage: its known stage, a position of the scale.
        is_boundary: somebody, or the model, saw a stage beside it.
        n_asked: how often the person was asked about it.
        draw: orders photos that are otherwise alike.
    """

    photo_id: int
    stage: int
    is_boundary: bool
    n_asked: int
    draw: str


@dataclass(frozen=True)
class Given:
    """An answer of the round.

    ``stage``: the known stage as a position; None where the scale has changed.
    """

    photo_id: int
    stage: int | None
    is_boundary: bool
    grade: Grade


@dataclass(frozen=True)
class Rule:
    """When somebody counts: ``share`` of the last ``answers`` are exact, and every stage in ``stages`` was seen."""

    answers: int
    share: float
    stages: frozenset[int]


@dataclass(frozen=True)
class Result:
    """How a round stands. ``share`` is of the last ``Rule.answers`` answers, None before the first."""

    n_answers: int
    n_last: int
    n_exact: int
    share: float | None
    missing: frozenset[int]
    has_passed: bool


def grade_of(*, known: int, lower: int | None, upper: int | None = None, is_ordered: bool) -> Grade:
    """How near an answer comes to the known stage.

    Args:
        known: position of the known stage.
        lower: position that was named; None when the person could not tell.
        upper: the later one of two stages that the photo was said to lie between. That is half a stage off at least:
            near, never exact.
        is_ordered: without an order no stage is nearer than another.
    """
    if lower is None:
        return Grade.UNSURE
    if upper is None and lower == known:
        return Grade.EXACT
    nearest = min(abs(known - named) for named in (lower, lower if upper is None else upper))
    return Grade.NEAR if is_ordered and nearest <= 1 else Grade.FAR


def target_share(*, wanted: float, agreement: float | None) -> float:
    """The share asked for: nobody is asked to agree with the experts more than these agree with each other."""
    return wanted if agreement is None else max(min(wanted, agreement), min(wanted, LOWEST_TARGET))


def result_of(given: Sequence[Given], rule: Rule) -> Result:
    """How a round stands after ``given``, oldest first."""
    last = given[-rule.answers :]
    n_exact = sum(it.grade == Grade.EXACT for it in last)
    missing = rule.stages - {it.stage for it in given if it.stage is not None}
    share = n_exact / len(last) if last else None
    # In whole answers: 0.8 of 20 is 16, whatever the fraction is as a float.
    is_good = len(last) >= rule.answers and n_exact >= rule.share * rule.answers - 1e-9
    return Result(len(given), len(last), n_exact, share, missing, has_passed=is_good and not missing)


def question_drawn(pool: Collection[KnownPhoto], given: Sequence[Given], *, seed: str) -> KnownPhoto | None:
    """Which photo is asked next; None where there is none. The same again for the same arguments.

    Stages that were not seen in this round come first; then photos that the person was asked about least. Among these
    the stage asked least often, then the side (clear, or at a boundary) asked least often of it. The photo just asked
    does not come twice in a row where there is another.
    """
    last = given[-1].photo_id if given else None
    left = [it for it in pool if it.photo_id != last] or list(pool)
    if not left:
        return None
    stages = Counter(it.stage for it in given)
    unseen = [it for it in left if not stages[it.stage]]
    fewest = min(it.n_asked for it in left)
    left = unseen or [it for it in left if it.n_asked == fewest]
    chance = random.Random(f"{seed}:{len(given)}")  # noqa: S311 - a draw that can be repeated, no secret
    turn = {stage: chance.random() for stage in sorted({it.stage for it in left})}
    sides = Counter((it.stage, it.is_boundary) for it in given)
    return min(
        left,
        key=lambda it: (
            stages[it.stage], turn[it.stage], sides[it.stage, it.is_boundary], it.n_asked, it.draw, it.photo_id,
        ),
    )  # fmt: skip
