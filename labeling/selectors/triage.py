"""Reads of the triage grid: photos that wait for decisions, by the stage suggested for them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from django.db import connection

from labeling.models import Project
from labeling.selectors.projects import current_scale

GRID_MOST = 60
"""Photos on one page of the grid, at most."""
COUNT_MOST = 1000
"""Counts stop here: beyond it nobody asks how many, and counting on would take as long as the project is large."""


@dataclass(frozen=True)
class GridOf:
    """What a grid shows: one suggested stage, or both sides of a boundary. Exactly one is given."""

    stage: int | None = None
    boundary: int | None = None

    @property
    def positions(self) -> list[int]:
        """The suggested stages that belong to it."""
        if self.boundary is not None:
            return [self.boundary, self.boundary + 1]
        assert self.stage is not None
        return [self.stage]


@dataclass(frozen=True)
class StageCount:
    """Open photos suggested to show a stage."""

    position: int
    n_open: int
    is_capped: bool


@dataclass(frozen=True)
class BoundaryCount:
    """Open photos suggested at either side of a boundary."""

    boundary: int
    n_open: int
    is_capped: bool


@dataclass(frozen=True)
class TriageCounts:
    """What the grid can show."""

    stages: list[StageCount]
    boundaries: list[BoundaryCount]


def triage_counts(*, project: Project) -> TriageCounts:
    """Count the open photos of each stage, at most ``COUNT_MOST``, in one round trip."""
    scale = current_scale(project_id=project.pk)
    positions = [stage.position for stage in scale.stages.all()]
    statement = """
        select w.position, (
            select count(*) from (
                select from labeling_suggestion s
                where s.project_id = %(project)s and s.is_open and s.position = w.position
                  and (select true from labeling_photo p
                       where p.id = s.photo_id and p.status = 'ready' and not p.is_held_out)
                limit %(most)s
            ) counted)
        from unnest(%(positions)s::int[]) as w (position) order by 1
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project.pk, "positions": positions, "most": COUNT_MOST})
        counted = dict(cursor.fetchall())
    stages = [StageCount(position, counted[position], counted[position] >= COUNT_MOST) for position in positions]
    boundaries = []
    for lower, upper in pairwise(stages) if scale.is_ordered else ():
        n_open = min(lower.n_open + upper.n_open, COUNT_MOST)
        boundaries.append(BoundaryCount(lower.position, n_open, n_open >= COUNT_MOST))
    return TriageCounts(stages, boundaries)
