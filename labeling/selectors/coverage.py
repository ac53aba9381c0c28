"""What a project has labels of: by stage, at each site and through the season. For workers: it reads every photo."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from labeling.models import StageScale

# Days are told in UTC, as on the map and in the evidence of the season.
_STATEMENT = """
    select p.site_id, month, week, state, position, count(*),
        grouping(p.site_id), grouping(month), grouping(week)
    from (
        select p.site_id, date_trunc('month', p.taken_at, 'UTC')::date as month,
            date_trunc('week', p.taken_at, 'UTC')::date as week,
            case when s.id is not null then 'label' when c.photo_id is not null then 'other' else 'waiting' end
                as state,
            case when c.photo_id is null then g.position else s.position end as position
        from labeling_photo p
        left join labeling_consensus c on c.photo_id = p.id
        left join labeling_growthstage s on s.id = c.stage_id and s.scale_id = %(scale)s
        left join labeling_suggestion g on g.photo_id = p.id and g.position < %(n_stages)s
        where p.project_id = %(project)s and p.status = 'ready'
    ) p
    group by grouping sets ((p.site_id, state, position), (month, state, position), (week, state, position))
"""


@dataclass
class Covered:
    """Ready photos of one site, month or week.

    ``labels`` and ``waiting`` by stage: settled as it, and not settled but suggested to be it. ``unknown`` have neither
    a consensus nor a suggestion; ``other`` were settled, but not as a stage of this scale.
    """

    labels: list[int]
    waiting: list[int]
    unknown: int = 0
    other: int = 0

    @classmethod
    def empty(cls, n_stages: int) -> Covered:
        """Nothing yet."""
        return cls([0] * n_stages, [0] * n_stages)

    @property
    def photos(self) -> int:
        """All of them."""
        return sum(self.labels) + sum(self.waiting) + self.unknown + self.other

    def add(self, state: str, position: int | None, n: int) -> None:
        """Count ``n`` more."""
        if state == "other":
            self.other += n
        elif position is None:
            self.unknown += n
        else:
            (self.labels if state == "label" else self.waiting)[position] += n

    def include(self, more: Covered) -> None:
        """Count all of ``more``."""
        self.labels = [a + b for a, b in zip(self.labels, more.labels, strict=True)]
        self.waiting = [a + b for a, b in zip(self.waiting, more.waiting, strict=True)]
        self.unknown += more.unknown
        self.other += more.other


@dataclass
class Coverage:
    """By site (None: of no site), month and week (None: without a date); months by their first day, weeks by Monday."""

    sites: dict[int | None, Covered] = field(default_factory=dict)
    months: dict[date | None, Covered] = field(default_factory=dict)
    weeks: dict[date | None, Covered] = field(default_factory=dict)


def coverage_of(*, scale: StageScale, n_stages: int) -> Coverage:
    """Count all ready photos of a scale's project; held-out ones too, for they show what the project knows of."""
    parts: list[defaultdict[Any, Covered]] = [defaultdict(lambda: Covered.empty(n_stages)) for _ in range(3)]
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"scale": scale.pk, "project": scale.project_id, "n_stages": n_stages})
        for *keys, state, position, n, no_site, no_month, no_week in cursor.fetchall():
            at = (no_site, no_month, no_week).index(0)
            parts[at][keys[at]].add(state, position, n)
    return Coverage(*(dict(part) for part in parts))
