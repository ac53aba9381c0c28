"""Reads of the triage grid: photos that wait for decisions, by the stage suggested for them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from django.db import connection

from labeling.models import Project, Suggestion
from labeling.selectors.projects import current_scale

GRID_MOST = 120
"""Photos that one person's grid may hold: a page of 60, and the next one, so that it is there at once."""
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
    """Count the open photos of each stage, at most ``COUNT_MOST``, in one round trip.

    A stage that has so many suggestions is counted along the index alone, held-out photos included; only below that the
    photos are looked up, for there an empty grid must say so.
    """
    scale = current_scale(project_id=project.pk)
    positions = [stage.position for stage in scale.stages.all()]
    statement = """
        with rough as (
            select w.position, (
                select count(*) from (
                    select from labeling_suggestion s
                    where s.project_id = %(project)s and s.is_open and s.position = w.position limit %(most)s
                ) counted) as n
            from unnest(%(positions)s::int[]) as w (position)
        )
        select position, case when n >= %(most)s then n else (
            select count(*) from labeling_suggestion s
            where s.project_id = %(project)s and s.is_open and s.position = rough.position
              and (select true from labeling_photo p
                   where p.id = s.photo_id and p.status = 'ready' and not p.is_held_out)
            ) end
        from rough
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


_WAITS = """
    s.project_id = %(project)s and s.is_open
    and (select true from labeling_photo p where p.id = s.photo_id and p.status = 'ready' and not p.is_held_out)
    and (select true from labeling_consensus c where c.photo_id = s.photo_id) is null
    and (select true from labeling_adjudication j where j.photo_id = s.photo_id) is null
    and (select true from labeling_skip k where k.photo_id = s.photo_id and k.annotator_id = %(annotator)s
       and k.until > statement_timestamp()) is null
    and (select true from labeling_annotation a where a.photo_id = s.photo_id and a.annotator_id = %(annotator)s
       and a.withdrawn_at is null limit 1) is null
    and coalesce((
        select e.open_slots > 0 and not e.is_blind and e.reason <> 'gold'
            and (select true from labeling_reservation r where r.entry_id = e.id limit 1) is null
            and (cardinality(e.probabilities) = 0 or coalesce(
                 e.probabilities[s.position + 1] = (select max(p) from unnest(e.probabilities) as p), false))
        from labeling_queueentry e where e.photo_id = s.photo_id), true)
"""
"""SQL: the photo of suggestion ``s`` may be put on the grid of ``annotator``.

``is_open`` is kept in step with consensus and adjudication; asking them again costs two probes a row and keeps an error
there from putting a settled photo before an expert. An entry that was made with an older suggestion of another stage
is left alone: what it would show, and store as shown, is not what this grid is about.
"""


def grid_candidates(*, project_id: int, annotator_id: int, of: GridOf, limit: int) -> list[Suggestion]:
    """The first photos for a grid, in its order: by confidence, highest first for a stage, lowest for a boundary.

    Each stage is read along ``suggestion_triage`` in one direction, as far as the limit; the sides of a boundary are
    merged after that. Rows are bare: ``photo_id``, ``position``, ``confidence`` and ``model_version``.
    """
    order = "s.confidence desc, s.photo_id" if of.boundary is None else "s.confidence, s.photo_id desc"
    names = {f"position_{index}": position for index, position in enumerate(of.positions)}
    statement = " union all ".join(
        f"""
        (select s.photo_id, s.position, s.confidence, s.model_version from labeling_suggestion s
         where s.position = %({name})s and {_WAITS} order by {order} limit %(limit)s)
        """  # noqa: S608 - constants
        for name in names
    )
    return list(
        Suggestion.objects.raw(
            f"select * from ({statement}) s order by {order} limit %(limit)s",  # noqa: S608 - constants
            {"project": project_id, "annotator": annotator_id, "limit": limit, **names},
        )
    )
