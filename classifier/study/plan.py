"""What the study compares: four levers, every combination of them, the rivals, and the cells of one run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Literal

Lever = Literal["algorithms", "curation", "classes", "specialists"]
Levers = frozenset[Lever]

#: In the order of the arms A1 to A4.
LEVERS: tuple[Lever, ...] = ("algorithms", "curation", "classes", "specialists")

#: The same review minutes as A2, spent on photos drawn at random.
RANDOM_REVIEW = "A2-random"
#: A0's network on the scale with one stage fewer that keeps the most information, whether it was proposed or not.
TRIAL_CLASSES = "A3-trial"
#: As much computing as A0 and its specialists, spent on more networks like A0.
EQUAL_COMPUTE = "A4-rival"
#: What single labels are worth: one expert's, another's of the same photos, and the median of the whole panel.
EXPERT, SECOND_EXPERT, PANEL = "expert", "second-expert", "panel"
RIVALS = (RANDOM_REVIEW, TRIAL_CLASSES, EQUAL_COMPUTE)
REFERENCES = (EXPERT, SECOND_EXPERT, PANEL)

SHOTS = (1, 5, 20)
ONE_SHOT_LEARNERS = ("prototypes", "matching", "siamese", "linear_head")


def arm_name(levers: Levers) -> str:
    """A0 none, A1 to A4 one, A5 all; "A1+A3" for two, "A5-A2" for all but one."""
    chosen = [f"A{place}" for place, lever in enumerate(LEVERS, start=1) if lever in levers]
    if not chosen:
        return "A0"
    if len(chosen) == len(LEVERS):
        return "A5"
    if len(chosen) == len(LEVERS) - 1:
        return "A5-" + next(f"A{place}" for place, lever in enumerate(LEVERS, start=1) if lever not in levers)
    return "+".join(chosen)


def all_subsets() -> list[Levers]:
    """All 16 combinations, fewest first."""
    return [frozenset(chosen) for size in range(len(LEVERS) + 1) for chosen in combinations(LEVERS, size)]


#: Name of an arm to the levers it pulls.
ARMS: dict[str, Levers] = {arm_name(levers): levers for levers in all_subsets()}
ONE_SHOT_ROWS = tuple(f"{learner}@{shots}" for learner in ONE_SHOT_LEARNERS for shots in SHOTS)
#: Cheap and wanted first: references, the four planned comparisons, then the rest.
EVERY_ROW = (
    *REFERENCES,
    "A0",
    *(name for name, levers in ARMS.items() if len(levers) == 1),
    *RIVALS,
    "A5",
    *ONE_SHOT_ROWS,
    *(name for name, levers in ARMS.items() if len(levers) in (2, 3)),
)


class UnknownRow(ValueError):
    """A row of the table that there is none of."""


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One row of the table on one fold of one seed of one data set; folds count from 0."""

    seed: int
    photo_set: str
    fold: int
    arm: str


def planned_cells(
    photo_sets: Sequence[str], *, seeds: int, folds: int, arms: Sequence[str] = EVERY_ROW
) -> Iterator[Cell]:
    """List the cells of a run, a fold of all data sets before the next fold, a seed before the next seed.

    Raises
    ------
    UnknownRow
        For an arm that is none.
    """
    unknown = [arm for arm in arms if arm not in EVERY_ROW]
    if unknown:
        raise UnknownRow(f"no such row: {', '.join(unknown)}; there are {', '.join(EVERY_ROW)}")
    wanted = [arm for arm in EVERY_ROW if arm in arms]
    for seed in range(seeds):
        for fold in range(folds):
            for photo_set in photo_sets:
                for arm in wanted:
                    yield Cell(seed, photo_set, fold, arm)
