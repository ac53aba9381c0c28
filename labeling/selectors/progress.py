"""How far the labelling has come."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from labeling.selectors.queue import FREE_FOR_ANNOTATOR

LEFT_MOST = 300
"""``left`` stops here; counting on would make every answer as slow as the queue is long."""
TODAY_MOST = 10_000
"""``mine_today`` stops here, beyond what a person decides in a day."""


@dataclass(frozen=True)
class Progress:
    """Counts of one person in one project.

    ``left``: photos they hold or may be handed now. ``mine_today``: their standing annotations since midnight UTC, in
    whichever project: the day's work, and to sort it by project would take a look at every photo of the day.
    """

    left: int
    mine_today: int


@dataclass(frozen=True)
class QueueStatus(Progress):
    """With totals, which cost as much as the project is large: asked for once, not at every answer."""

    mine_total: int
    consensus_total: int


# Whether an entry is free for a person, as FREE_FOR_ANNOTATOR says it, for looking at many: what they hold and skipped,
# and what is on grids, is short and hashed once, so that only their annotations are probed entry by entry.
_FREE_TO_COUNT = """
    e.id not in (
        select r.entry_id from labeling_reservation r where r.annotator_id = %(annotator)s or r.mode = 'grid')
    and e.photo_id not in (
        select s.photo_id from labeling_skip s where s.annotator_id = %(annotator)s and s.until > statement_timestamp())
    and (select true from labeling_annotation a
       where a.photo_id = e.photo_id and a.annotator_id = %(annotator)s and a.withdrawn_at is null
         and a.round = coalesce((select j.round from labeling_adjudication j where j.photo_id = a.photo_id), 1)) is null
"""

# Gold checks count as far as any other photo: while they lie ahead of the next photo of this person, and while held.
# So ``left`` falls by one with each answer, whichever photo it was about. The order keeps the count on the index of the
# queue, where it stops at the limit.
_PROGRESS = f"""
    with frontier as (
        select e.rank from labeling_queueentry e
        where e.project_id = %(project)s and e.open_slots > 0 and e.reason <> 'gold' and {FREE_FOR_ANNOTATOR}
        order by e.rank, e.id limit 1
    )
    select (
        select count(*) from (
            select from labeling_queueentry e
            where e.project_id = %(project)s and e.open_slots > 0 and {_FREE_TO_COUNT}
              and (e.reason <> 'gold' or e.rank > (select rank from frontier))
            order by e.rank, e.id limit %(left_most)s
        ) ahead
    ) + (
        select count(*) from labeling_reservation r join labeling_queueentry e on e.id = r.entry_id
        where r.annotator_id = %(annotator)s and e.project_id = %(project)s
    ), (
        select count(*) from (
            select from labeling_annotation a
            where a.annotator_id = %(annotator)s and a.withdrawn_at is null
              and a.decided_at >= date_trunc('day', now(), 'UTC')
            limit %(today_most)s
        ) today
    )
"""  # noqa: S608 - a constant


def progress_of(*, project_id: int, annotator_id: int) -> Progress:
    """Progress of one person in one project, in one round trip whose cost does not grow with the project."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PROGRESS,
            {
                "project": project_id,
                "annotator": annotator_id,
                "left_most": LEFT_MOST,
                "today_most": TODAY_MOST,
            },
        )
        row = cursor.fetchone()
    assert row is not None
    return Progress(min(row[0], LEFT_MOST), row[1])


def queue_status(*, project_id: int, annotator_id: int) -> QueueStatus:
    """Progress with totals."""
    now = progress_of(project_id=project_id, annotator_id=annotator_id)
    statement = """
        select
            (select count(*) from labeling_annotation a join labeling_photo p on p.id = a.photo_id
             where a.annotator_id = %(annotator)s and a.withdrawn_at is null and p.project_id = %(project)s),
            (select count(*) from labeling_consensus c where c.project_id = %(project)s)
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project_id, "annotator": annotator_id})
        row = cursor.fetchone()
    assert row is not None
    return QueueStatus(now.left, now.mine_today, *row)
