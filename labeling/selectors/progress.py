"""How far the labelling has come."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Progress:
    """Counts of one person in one project.

    ``left``: photos they hold or may be handed now. ``mine_today``: their standing annotations since midnight UTC.
    """

    left: int
    mine_today: int


@dataclass(frozen=True)
class QueueStatus(Progress):
    """With totals, which cost as much as the project is large: asked for once, not at every answer."""

    mine_total: int
    consensus_total: int


def progress_of(*, project_id: int, annotator_id: int) -> Progress:
    """Progress of one person in one project, in one round trip."""
    statement = """
        with mine as (
            select a.decided_at from labeling_annotation a join labeling_photo p on p.id = a.photo_id
            where a.annotator_id = %(annotator)s and a.withdrawn_at is null and p.project_id = %(project)s
        )
        select
            (select count(*) from labeling_queueentry e where e.project_id = %(project)s and e.open_slots > 0
                and not exists (select from labeling_reservation r
                    where r.entry_id = e.id and r.annotator_id = %(annotator)s)
                and not exists (select from labeling_annotation a
                    where a.photo_id = e.photo_id and a.annotator_id = %(annotator)s and a.withdrawn_at is null))
            + (select count(*) from labeling_reservation r join labeling_queueentry e on e.id = r.entry_id
                where r.annotator_id = %(annotator)s and e.project_id = %(project)s),
            (select count(*) from mine where decided_at >= date_trunc('day', now(), 'UTC'))
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project_id, "annotator": annotator_id})
        row = cursor.fetchone()
    assert row is not None
    return Progress(*row)


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
