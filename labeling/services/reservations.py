"""Who holds which photo: handing out in queue order, leases that end, photos given back.

Who waits for whom: entries are locked with SKIP LOCKED when they are handed out, so no taker waits for another. Giving
back waits for the entries it names, in order of their ids. The QUEUE lock orders replacing against filling, and its
holder waits for nobody who wants it.

Conditions of a row are scalar subqueries: PostgreSQL probes them row by row along the index of the queue and stops at
the limit. As NOT EXISTS it may plan joins of whole tables when its statistics are old.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from labeling.domain.gold_checks import check_reach, is_check
from labeling.events import announce, queue_running_low
from labeling.models import Project, QueryBatch, QueueEntry, Reservation, Suggestion, User
from labeling.selectors.practice import practice_refuse
from labeling.selectors.queue import FREE_FOR_ANNOTATOR
from labeling.services.entries import GRID_RANK, LEASE
from labeling.services.gold_planting import Disguise, gold_clear, gold_planted
from labeling.services.locks import Lock, hold

RUNNING_LOW_SHARE = 0.25
"""The queue runs low when fewer than this share of ``Project.batch_size`` can still be handed out."""

_END = """
    with ended as (
        delete from labeling_reservation r where r.id = any(%(leases)s) returning r.entry_id
    ), counted as (
        select entry_id, count(*) as n from ended group by entry_id
    ), gone as (
        select e.id from counted join labeling_queueentry e on e.id = counted.entry_id
        where e.reason = 'triage'
          and not exists (select from labeling_reservation r where r.entry_id = e.id and r.id <> all (%(leases)s))
          and not exists (select from labeling_annotation a where a.photo_id = e.photo_id and a.withdrawn_at is null)
    ), dropped as (
        delete from labeling_queueentry e using gone where e.id = gone.id
    )
    update labeling_queueentry e set open_slots = e.open_slots + counted.n from counted
    where e.id = counted.entry_id and not exists (select from gone where gone.id = e.id)
"""

_TAKE = f"""
    with next as (
        select e.id, e.rank from labeling_queueentry e
        where e.project_id = %(project)s and e.open_slots > 0 and e.reason <> 'gold' and {FREE_FOR_ANNOTATOR}
          and (select true from labeling_consensus c where c.photo_id = e.photo_id) is null
        order by e.rank, e.id limit %(count)s
        for update of e skip locked
    ), checks as (
        select e.id, e.rank from labeling_queueentry e
        where e.project_id = %(project)s and e.open_slots > 0 and e.reason = 'gold' and {FREE_FOR_ANNOTATOR}
          and (select true from labeling_practiceanswer w
               where w.photo_id = e.photo_id and w.user_id = %(annotator)s limit 1) is null
          and e.rank > (select min(rank) from next) and e.rank <= (select min(rank) from next) + %(reach)s
        order by e.rank, e.id limit %(checks)s
        for update of e skip locked
    ), chosen as (
        select id from checks
        union all
        (select id from next order by rank, id limit %(count)s - (select count(*) from checks))
    ), taken as (
        update labeling_queueentry e set open_slots = e.open_slots - 1 from chosen where e.id = chosen.id
        returning e.id
    )
    insert into labeling_reservation (entry_id, annotator_id, mode, token, created_at, expires_at)
    select taken.id, %(annotator)s, 'single', gen_random_uuid(), statement_timestamp(),
        statement_timestamp() + make_interval(secs => %(lease)s)
    from taken
"""  # noqa: S608 - a constant


@transaction.atomic
def reservations_take(*, project: Project, annotator: User, count: int) -> list[Reservation]:
    """Up to ``count`` photos for an expert: those held already (renewed, same tokens), then new ones, in queue order.

    Nobody gets a photo they answered in this round, hold, or skipped lately, nor one that is on somebody's grid; no
    photo goes to more people than it wants annotations. A share of the places goes to gold checks. When nothing can be
    handed out the queue fills itself from the pool by arrival, then from held-out photos without a consensus. Nobody is
    checked on a photo whose stage they were told in practice.

    Returns:
        Reservations with ``entry``, its ``batch`` and its ``photo`` (with site, plant, suggestion) loaded.

    Raises:
        DomainError: "practice_first", the expert does not count yet.
    """
    practice_refuse(project=project, user=annotator)
    hold(Lock.ANNOTATOR, annotator.pk)
    leases_reclaim(project_id=project.pk)
    n_held, turn = leases_renew(project_id=project.pk, annotator_id=annotator.pk, mode=Reservation.Mode.SINGLE)
    places = range(n_held, count)
    if places and _take(project, annotator, places, turn) == 0:
        hold(Lock.QUEUE, project.pk)
        # While this waited for the lock another taker may have filled, or a refresh replaced, the queue.
        if _take(project, annotator, places, turn) == 0 and _fill(project, annotator) > 0:
            _take(project, annotator, places, turn)
    _announce_running_low(project)
    return _held(project.pk, annotator.pk)[: max(count, n_held)]


@transaction.atomic
def reservations_release(
    *, project: Project, annotator: User, mode: str, photo_ids: Sequence[int] | None = None
) -> None:
    """Give leases of one page back, so that nobody waits for their end; without ``photo_ids`` all of them.

    Photos that the person does not hold are passed over: a lease that ended is somebody else's by now.
    """
    hold(Lock.ANNOTATOR, annotator.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select r.id from labeling_reservation r join labeling_queueentry e on e.id = r.entry_id
            where e.project_id = %(project)s and r.annotator_id = %(annotator)s and r.mode = %(mode)s
              and (%(photos)s::bigint[] is null or e.photo_id = any(%(photos)s::bigint[]))
            order by e.id for update of e, r
            """,
            {
                "project": project.pk,
                "annotator": annotator.pk,
                "mode": mode,
                "photos": None if photo_ids is None else list(photo_ids),
            },
        )
        locked = [lease_id for (lease_id,) in cursor.fetchall()]
    leases_end(lease_ids=locked)


def leases_reclaim(*, project_id: int) -> None:
    """Free the slots of leases that ran out; leases and entries that somebody has locked are in use and stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select r.id from labeling_reservation r join labeling_queueentry e on e.id = r.entry_id
            where e.project_id = %s and r.expires_at <= statement_timestamp()
            for update of r, e skip locked
            """,
            [project_id],
        )
        locked = [lease_id for (lease_id,) in cursor.fetchall()]
    leases_end(lease_ids=locked)


def leases_end(*, lease_ids: Sequence[int]) -> None:
    """End leases that the caller has locked, with their entries, in a statement before: no two free the same slot.

    An entry that exists only because a grid took its photo goes with its last lease, unless somebody has answered: the
    photo is where it was before, and what a grid looked at and left alone stands in nobody's queue.
    """
    if not lease_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_END, {"leases": list(lease_ids)})


def leases_renew(*, project_id: int, annotator_id: int, mode: str) -> tuple[int, int]:
    """Renew what a person holds on one page; returns how many that are, and their latest annotation's id (0: none)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with renewed as (
                update labeling_reservation r set expires_at = statement_timestamp() + make_interval(secs => %(lease)s)
                from labeling_queueentry e
                where e.id = r.entry_id and e.project_id = %(project)s and r.annotator_id = %(annotator)s
                  and r.mode = %(mode)s and r.expires_at > statement_timestamp()
                returning r.id
            ), latest as (
                select a.id from labeling_annotation a where a.annotator_id = %(annotator)s order by a.id desc limit 1
            )
            select (select count(*) from renewed), coalesce((select id from latest), 0)
            """,
            {"lease": LEASE.total_seconds(), "project": project_id, "annotator": annotator_id, "mode": mode},
        )
        row = cursor.fetchone()
    assert row is not None
    return row[0], row[1]


def _take(project: Project, annotator: User, places: range, turn: int) -> int:
    """Reserve entries for the places, some of them gold checks; rows that others are taking are passed over."""
    share = project.gold_share
    n_checks = sum(
        is_check(seed=project.seed, annotator_id=annotator.pk, turn=turn, place=place, share=share) for place in places
    )
    wanted: dict[str, Any] = {"project": project.pk, "annotator": annotator.pk, "count": len(places)}
    wanted |= {"checks": n_checks, "reach": check_reach(share=share), "lease": LEASE.total_seconds()}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, wanted)
        return cursor.rowcount


def _fill(project: Project, annotator: User) -> int:
    """Queue photos by arrival, at most a batch, that this annotator may have. The caller holds the QUEUE lock."""
    photo_ids = _unasked(project, annotator, is_held_out=False)
    is_evaluation = not photo_ids
    if is_evaluation:
        photo_ids = _unasked(project, annotator, is_held_out=True)
    if not photo_ids:
        return 0
    batch = QueryBatch.objects.create(project=project, source="evaluation" if is_evaluation else "arrival")
    waiting = QueueEntry.objects.filter(project=project, rank__lt=GRID_RANK)
    last = waiting.aggregate(last=Max("rank"))["last"] or 0
    entries = [
        QueueEntry(
            project=project, batch=batch, photo_id=photo_id, open_slots=project.labels_wanted,
            reason=QueueEntry.Reason.EVALUATION if is_evaluation else QueueEntry.Reason.ARRIVAL,
            # An expert who sees the model's answer drifts towards it; what measures the model must not.
            is_blind=is_evaluation,
        )
        for photo_id in photo_ids
    ]  # fmt: skip
    gold_clear(project_id=project.pk)
    has_suggestion = None if is_evaluation else Suggestion.objects.filter(photo_id__in=photo_ids).exists()
    disguise = Disguise(is_blind=is_evaluation, has_suggestion=has_suggestion)
    in_order = gold_planted(project=project, batch=batch, entries=entries, disguise=disguise)
    for rank, entry in enumerate(in_order, start=last + 1):
        entry.rank = rank
    created = QueueEntry.objects.bulk_create(sorted(in_order, key=lambda it: it.photo_id), ignore_conflicts=True)
    return len(created)


def _unasked(project: Project, annotator: User, *, is_held_out: bool) -> list[int]:
    """The first photos by arrival, at most a batch, that are unsettled, not queued, and new to the annotator.

    Photos and consensuses are read along their indexes and merged, which passes a million settled photos in about
    0.3 s; every other condition is asked only of what is left. The merge is not left to the planner: with statistics a
    minute old, joins that it chose here took 28 s on 300,000 photos.
    """
    with connection.cursor() as cursor:
        cursor.execute("select set_config('enable_nestloop', 'off', true), set_config('enable_hashjoin', 'off', true)")
        cursor.execute(
            """
            select p.id from (
                select p.id from labeling_photo p left join labeling_consensus c on c.photo_id = p.id
                where p.project_id = %(project)s and p.status = 'ready' and p.is_held_out = %(held_out)s
                  and c.photo_id is null
                order by p.id offset 0
            ) p
            where (select 1 from labeling_adjudication j where j.photo_id = p.id and j.state = 'open') is null
              and (select 1 from labeling_queueentry e where e.photo_id = p.id) is null
              and (select 1 from labeling_skip s where s.photo_id = p.id and s.annotator_id = %(annotator)s) is null
              and (select 1 from labeling_annotation a where a.photo_id = p.id and a.annotator_id = %(annotator)s
                     and a.withdrawn_at is null limit 1) is null
            order by p.id limit %(count)s
            """,
            {
                "project": project.pk,
                "held_out": is_held_out,
                "annotator": annotator.pk,
                "count": project.batch_size,
            },
        )
        photo_ids = [photo_id for (photo_id,) in cursor.fetchall()]
        cursor.execute("select set_config('enable_nestloop', 'on', true), set_config('enable_hashjoin', 'on', true)")
    return photo_ids


def _announce_running_low(project: Project) -> None:
    enough = max(1, int(project.batch_size * RUNNING_LOW_SHARE))
    waiting = QueueEntry.objects.askable().filter(project=project).order_by("rank", "pk")  # along the queue's index
    if waiting[:enough].count() < enough:
        announce(queue_running_low, project_id=project.pk)


def _held(project_id: int, annotator_id: int) -> list[Reservation]:
    return list(
        Reservation.objects.filter(
            entry__project_id=project_id, annotator_id=annotator_id, mode=Reservation.Mode.SINGLE
        )
        .select_related("entry__batch", "entry__photo__site", "entry__photo__plant", "entry__photo__suggestion")
        .order_by("entry__rank", "entry_id")
    )
