"""Carrying what photos are held to show from one version of a scale to another: set by set, in SQL.

Called by a migration that holds the project's scale alone, so no decision is made meanwhile. Which photos are concerned
is in ``MigratedPhoto``. A label that is one stage on the other version is carried over as it is, and never decided
anew; one that could be several is withdrawn and its photo asked again, blind and first of all; what was not settled is
judged anew by what its annotations say there.
"""

# ruff: noqa: S608 - statements are put together from constants of this module; values are parameters
from __future__ import annotations

from django.db import connection

from labeling.models import MigratedPhoto, QueryBatch, QueueEntry, ScaleMigration, StageScale, Suggestion
from labeling.services.consensus import consensus_update

_STATE = "jsonb_build_object('consensus', to_jsonb(c), 'adjudication', to_jsonb(j))"
_N_STANDING = "(select count(*) from labeling_annotation a where a.photo_id = p.id and a.withdrawn_at is null)"
_NOW = """
    now as (
        select g.id as stage_id, g.id as now_id, g.position from labeling_growthstage g where g.scale_id = %(scale)s
        union all
        select i.stage_id, i.image_id, g.position
        from labeling_stageimage i join labeling_growthstage g on g.id = i.image_id where i.scale_id = %(scale)s
    )
"""
"""What every stage is on the version ``scale``, where it is one stage."""
_COUNTING = """
    labeling_annotation a left join labeling_adjudication r on r.photo_id = a.photo_id
    left join now lower on lower.stage_id = a.stage_id left join now upper on upper.stage_id = a.stage_upper_id
    where a.photo_id = m.photo_id and a.withdrawn_at is null and a.round = coalesce(r.round, 1)
"""
_IS_UNREADABLE = """
    a.stage_id is not null and (lower.now_id is null or a.stage_upper_id is not null and (
        upper.now_id is null or abs(upper.position - lower.position) > 1))
"""

_MAP = f"""
    with {_NOW}, pairs as (
        select from_stage_id as one, to_stage_id as other from labeling_stagelink where migration_id = %(migration)s
        union all
        select to_stage_id, from_stage_id from labeling_stagelink where migration_id = %(migration)s
    ), share as (
        select g.scale_id, g.position, t.position as at, 1.0::float8 / count(*) over (partition by pairs.one) as part
        from pairs join labeling_growthstage g on g.id = pairs.one
        join labeling_growthstage t on t.id = pairs.other and t.scale_id = %(scale)s
    ), moving as (
        select c.photo_id, now.now_id, now.position, c.distribution, c.is_gold, g.scale_id
        from labeling_migratedphoto m join labeling_consensus c on c.photo_id = m.photo_id
        join now on now.stage_id = c.stage_id join labeling_growthstage g on g.id = c.stage_id
        where m.migration_id = %(migration)s and not m.is_restored and not m.is_asked and g.scale_id <> %(scale)s
    ), moved as (
        select moving.photo_id, array_agg(
            (select coalesce(sum(moving.distribution[share.position + 1] * share.part), 0) from share
             where share.scale_id = moving.scale_id and share.at = t.position) order by t.position) as distribution
        from moving cross join labeling_growthstage t
        where t.scale_id = %(scale)s and cardinality(moving.distribution) > 0 group by moving.photo_id
    ), agreement as (
        select moving.photo_id, avg(case when moving.position between least(lower.position, upper.position)
            and greatest(lower.position, upper.position) then 1.0 else 0.0 end)::float8 as share
        from moving join labeling_annotation a on a.photo_id = moving.photo_id and a.withdrawn_at is null
        left join labeling_adjudication r on r.photo_id = a.photo_id
        left join now lower on lower.stage_id = a.stage_id left join now upper on upper.stage_id = a.stage_upper_id
        where a.round = coalesce(r.round, 1) and not moving.is_gold group by moving.photo_id
    )
    update labeling_consensus c set
        stage_id = moving.now_id,
        distribution = coalesce(moved.distribution, c.distribution),
        consensus_quality = coalesce(moved.distribution[moving.position + 1], c.consensus_quality),
        annotator_agreement = coalesce(agreement.share, c.annotator_agreement)
    from moving left join moved on moved.photo_id = moving.photo_id
    left join agreement on agreement.photo_id = moving.photo_id
    where c.photo_id = moving.photo_id
"""


def photos_remember(migration: ScaleMigration) -> None:
    """Write down how every photo of which anything was said stands, once per photo and migration."""
    _execute(
        f"""
        insert into labeling_migratedphoto (migration_id, photo_id, is_asked, before, n_standing, is_restored)
        select %(migration)s, p.id, false, {_STATE}, {_N_STANDING}, false
        from labeling_photo p
        left join labeling_consensus c on c.photo_id = p.id left join labeling_adjudication j on j.photo_id = p.id
        where p.project_id = %(project)s and p.status = 'ready' and (c.photo_id is not null or j.photo_id is not null
            or exists (select from labeling_annotation a where a.photo_id = p.id and a.withdrawn_at is null))
        """,
        migration,
    )


def photos_remember_new(migration: ScaleMigration) -> None:
    """Add those of which something was said only after the migration: without a state to go back to."""
    _execute(
        """
        insert into labeling_migratedphoto (migration_id, photo_id, is_asked, n_standing, is_restored)
        select %(migration)s, p.id, false, 0, false from labeling_photo p
        where p.project_id = %(project)s and p.status = 'ready' and (
            exists (select from labeling_consensus c where c.photo_id = p.id)
            or exists (select from labeling_annotation a where a.photo_id = p.id and a.withdrawn_at is null))
        on conflict (migration_id, photo_id) do nothing
        """,
        migration,
    )


def photos_remember_after(migration: ScaleMigration) -> None:
    """Write down how they stand now that the migration is done."""
    _execute(
        f"""
        update labeling_migratedphoto m set after = {_STATE}
        from labeling_photo p left join labeling_consensus c on c.photo_id = p.id
        left join labeling_adjudication j on j.photo_id = p.id
        where m.migration_id = %(migration)s and p.id = m.photo_id
        """,
        migration,
    )


def photos_move(migration: ScaleMigration, *, to: StageScale) -> tuple[int, int]:
    """Carry over all remembered photos that were not put back; returns how many were mapped and how many are asked."""
    _execute(
        f"""
        with {_NOW}
        update labeling_migratedphoto m set is_asked = (
            case when c.photo_id is null then exists (select from {_COUNTING} and {_IS_UNREADABLE})
            else c.stage_id is not null and not exists (select from now where now.stage_id = c.stage_id) and (
                c.is_adjudicated or c.is_gold or not exists (select from {_COUNTING})
                or exists (select from {_COUNTING} and {_IS_UNREADABLE})) end)
        from labeling_photo p left join labeling_consensus c on c.photo_id = p.id
        where m.migration_id = %(migration)s and not m.is_restored and p.id = m.photo_id
        """,
        migration,
        scale=to.pk,
    )
    n_mapped = _labels_map(migration, to)
    n_asked = _ask_again(migration)
    for photo_id in _to_judge(migration, to):
        consensus_update(photo_id=photo_id)
    _questions_forget(migration)
    return n_mapped, n_asked


def photos_restore(migration: ScaleMigration) -> None:
    """Put back what nobody has touched since the migration, exactly as it was."""
    _execute(
        f"""
        update labeling_migratedphoto m set is_restored = true
        from labeling_photo p left join labeling_consensus c on c.photo_id = p.id
        left join labeling_adjudication j on j.photo_id = p.id
        where m.migration_id = %(migration)s and p.id = m.photo_id and m.before is not null
          and m.after = {_STATE} and m.n_standing = {_N_STANDING}
          and not exists (select from labeling_annotation a where a.photo_id = p.id and a.id > %(last)s)
        """,
        migration,
        last=migration.last_annotation_id or 0,
    )
    restored = "select m.photo_id from labeling_migratedphoto m where m.migration_id = %(migration)s and m.is_restored"
    for table, key in (("labeling_consensus", "consensus"), ("labeling_adjudication", "adjudication")):
        _execute(f"delete from {table} where photo_id in ({restored})", migration)
        _execute(
            f"""
            insert into {table} select (jsonb_populate_record(null::{table}, m.before -> '{key}')).*
            from labeling_migratedphoto m where m.migration_id = %(migration)s and m.is_restored
              and jsonb_typeof(m.before -> '{key}') = 'object'
            """,
            migration,
        )
    settled = f"{restored} and jsonb_typeof(m.before -> 'consensus') = 'object'"
    _leave_queue(migration, settled)
    unsettled = MigratedPhoto.objects.filter(
        migration=migration, is_restored=True, before__consensus=None, photo__annotations__withdrawn_at=None
    )
    for photo_id in unsettled.order_by("photo_id").values_list("photo_id", flat=True).distinct():
        consensus_update(photo_id=photo_id)  # nothing but its place in the queue changes


def _labels_map(migration: ScaleMigration, to: StageScale) -> int:
    """Carry over settled labels; a soft label's share of a stage with several counterparts goes to them evenly."""
    return _execute(_MAP, migration, scale=to.pk)


def _ask_again(migration: ScaleMigration) -> int:
    """Withdraw what cannot be carried over and begin a new round: blind, since models have learned the old label."""
    asked = """
        select m.photo_id from labeling_migratedphoto m
        where m.migration_id = %(migration)s and m.is_asked and not m.is_restored
    """
    n_asked = MigratedPhoto.objects.filter(migration=migration, is_asked=True, is_restored=False).count()
    if not n_asked:
        return 0
    _execute(f"delete from labeling_consensus where photo_id in ({asked})", migration)
    _execute(
        f"""
        insert into labeling_adjudication (photo_id, project_id, state, round, stage_gap, opened_at, note)
        select photo_id, %(project)s, 'sent_back', 2, 0, statement_timestamp(), '' from ({asked}) as it
        on conflict (photo_id) do update set
            state = 'sent_back', round = labeling_adjudication.round + 1, settled_at = null, settled_by_id = null
        """,
        migration,
    )
    _leave_queue(migration, asked)
    batch = QueryBatch.objects.create(project_id=migration.project_id, source="scale_migration")
    _execute(
        f"""
        insert into labeling_queueentry
            (project_id, batch_id, photo_id, rank, utility, reason, is_blind, probabilities, open_slots)
        select %(project)s, %(batch)s, photo_id, 0, 0, 'sent_back', true, '{{}}', %(wanted)s from ({asked}) as it
        order by photo_id
        on conflict (photo_id) do update set
            batch_id = excluded.batch_id, rank = 0, reason = 'sent_back', is_blind = true,
            open_slots = excluded.open_slots
                - (select count(*) from labeling_reservation r where r.entry_id = labeling_queueentry.id)
        """,
        migration,
        batch=batch.pk,
        wanted=migration.project.labels_wanted,
    )
    return n_asked


def _to_judge(migration: ScaleMigration, to: StageScale) -> list[int]:
    """Photos neither settled on the version ``to`` nor asked again: what their annotations say there decides."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select m.photo_id from labeling_migratedphoto m left join labeling_consensus c on c.photo_id = m.photo_id
            left join labeling_growthstage g on g.id = c.stage_id
            where m.migration_id = %s and not m.is_restored and not m.is_asked
              and (c.photo_id is null or g.scale_id <> %s)
            order by m.photo_id
            """,
            [migration.pk, to.pk],
        )
        return [photo_id for (photo_id,) in cursor.fetchall()]


def _questions_forget(migration: ScaleMigration) -> None:
    """What models suggested speaks of the stages of before; the next refresh suggests anew. Entries and leases stay."""
    entries = QueueEntry.objects.filter(project_id=migration.project_id).order_by("id")
    locked = list(entries.select_for_update().values_list("pk", flat=True))  # in order, as whoever ends leases
    _execute(
        """
        update labeling_queueentry set probabilities = '{}', boundary = null,
            reason = case reason when 'boundary' then 'uncertain' else reason end
        where id = any(%(locked)s)
        """,
        migration,
        locked=locked,
    )
    Suggestion.objects.filter(project_id=migration.project_id).delete()


def _leave_queue(migration: ScaleMigration, photos: str) -> None:
    entries = f"select e.id from labeling_queueentry e where e.photo_id in ({photos})"
    _execute(f"select e.id from labeling_queueentry e where e.id in ({entries}) order by e.id for update", migration)
    _execute(f"delete from labeling_reservation where entry_id in ({entries})", migration)
    _execute(f"delete from labeling_queueentry e where e.id in ({entries})", migration)


def _execute(statement: str, migration: ScaleMigration, **values: int | list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"migration": migration.pk, "project": migration.project_id, **values})
        return cursor.rowcount
