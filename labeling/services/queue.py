"""Writes of the review queue: what is asked next, and who holds it.

Who waits for whom: entries are only ever locked with SKIP LOCKED here, so neither handing out nor replacing a batch
waits for an entry; the QUEUE lock orders replacing against filling, and its holder waits for nobody who wants it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from labeling.events import announce, queue_running_low
from labeling.models import Photo, Project, QueryBatch, QueueEntry, Reservation, User
from labeling.services.locks import Lock, hold

LEASE = timedelta(minutes=15)
SKIP_FOR = timedelta(hours=12)
FRONT_RANK = 0
"""Rank of what must be asked at once: photos sent back or taken back. Batches start at 1."""
RUNNING_LOW_SHARE = 0.25
"""The queue runs low when fewer than this share of ``Project.batch_size`` can still be handed out."""


@dataclass(frozen=True)
class EntryProposal:
    """A photo an acquisition wants asked; the place in the sequence is the rank."""

    photo_id: int
    utility: float
    reason: str
    boundary: int | None = None
    is_blind: bool = False
    probabilities: Sequence[float] = ()


@transaction.atomic
def queue_replace(*, project_id: int, source: str, model_version: str, entries: Sequence[EntryProposal]) -> QueryBatch:
    """Make ``entries`` the queue of the project, in rank order.

    Stays: what somebody holds (untouched, since its suggestion may be on a screen), what is partly answered (asked
    again by its new rank if proposed) and what was sent or taken back. Proposals that are settled are left out.

    Args:
        project_id: whose queue.
        source: the acquisition, e.g. "ordinal_uncertainty".
        model_version: opaque id of what scored it; "" for none.
        entries: best first, without repeats.
    """
    hold(Lock.QUEUE, project_id)
    batch = QueryBatch.objects.create(project_id=project_id, source=source, model_version=model_version)
    answered = _clear(project_id)
    askable = set(
        Photo.objects.unsettled()
        .filter(project_id=project_id, pk__in=[it.photo_id for it in entries])
        .values_list("pk", flat=True)
    )
    labels_wanted = Project.objects.values_list("labels_wanted", flat=True).get(pk=project_id)
    fresh: list[QueueEntry] = []
    again: list[QueueEntry] = []
    for rank, it in enumerate(entries, start=1):
        entry = QueueEntry(
            pk=answered.get(it.photo_id), project_id=project_id, batch=batch, photo_id=it.photo_id, rank=rank,
            utility=it.utility, reason=it.reason, boundary=it.boundary, is_blind=it.is_blind,
            probabilities=list(it.probabilities), open_slots=labels_wanted,
        )  # fmt: skip
        if entry.pk is not None:
            again.append(entry)
        elif it.photo_id in askable:
            fresh.append(entry)
    # A conflict is an entry that stayed: held, or put at the front a moment ago.
    QueueEntry.objects.bulk_create(fresh, batch_size=2000, ignore_conflicts=True)
    # Partly answered: place and question change, the open slots do not.
    QueueEntry.objects.bulk_update(
        again, ["batch", "rank", "utility", "reason", "boundary", "is_blind", "probabilities"], batch_size=500
    )
    return batch


def _clear(project_id: int) -> dict[int, int]:
    """Delete the entries that may go; return those that are partly answered and held by nobody, photo -> entry.

    Locks first and looks after: a reservation or an annotation is only made under its entry's lock, so what the second
    statement sees of the locked rows is final. Rows that somebody has locked are in use and stay.
    """
    entries = QueueEntry.objects.filter(project_id=project_id, rank__gt=FRONT_RANK)
    locked = list(entries.select_for_update(skip_locked=True).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select e.id, e.photo_id,
                exists (select from labeling_annotation a where a.photo_id = e.photo_id and a.withdrawn_at is null)
                and not exists (select from labeling_consensus c where c.photo_id = e.photo_id)
                and not exists (select from labeling_adjudication j where j.photo_id = e.photo_id and j.state = 'open')
            from labeling_queueentry e
            where e.id = any(%s) and not exists (select from labeling_reservation r where r.entry_id = e.id)
            """,
            [locked],
        )
        free = cursor.fetchall()
    QueueEntry.objects.filter(pk__in=[pk for pk, _, is_answered in free if not is_answered]).delete()
    return {photo_id: pk for pk, photo_id, is_answered in free if is_answered}


@transaction.atomic
def suggestions_record(
    *,
    project_id: int,
    model_version: str,
    photo_ids: Sequence[int],
    positions: Sequence[int],
    confidences: Sequence[float],
) -> int:
    """Store the latest suggestion of each photo in one statement; returns how many rows were written.

    Photos that are gone, or of another project, are left out. Rows are written in order of photo, so that two
    writers cannot deadlock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into labeling_suggestion (photo_id, project_id, position, confidence, model_version, is_open)
            select p.id, p.project_id, s.position, s.confidence, %(version)s,
                not exists (select from labeling_consensus c where c.photo_id = p.id)
                and not exists (select from labeling_adjudication j where j.photo_id = p.id and j.state = 'open')
            from unnest(%(photos)s::bigint[], %(positions)s::int[], %(confidences)s::float8[])
                as s (photo_id, position, confidence)
            join labeling_photo p on p.id = s.photo_id and p.project_id = %(project)s
            order by p.id
            on conflict (photo_id) do update set position = excluded.position, confidence = excluded.confidence,
                model_version = excluded.model_version
            """,
            {
                "version": model_version,
                "photos": list(photo_ids),
                "positions": [int(p) for p in positions],
                "confidences": [float(c) for c in confidences],
                "project": project_id,
            },
        )
        return cursor.rowcount


@transaction.atomic
def reservations_take(*, project: Project, annotator: User, count: int) -> list[Reservation]:
    """Up to ``count`` photos for an expert: those held already (renewed, same tokens), then new ones, in queue order.

    Nobody gets a photo they answered in this round, hold, or skipped lately; no photo goes to more people than it wants
    annotations. When nothing can be handed out the queue fills itself from the pool by arrival, then from held-out
    photos without a consensus.

    Returns:
        Reservations with ``entry``, its ``batch`` and its ``photo`` (with site, plant, suggestion) loaded.
    """
    hold(Lock.ANNOTATOR, annotator.pk)
    _reclaim_lapsed(project.pk)
    n_held = _renew(project.pk, annotator.pk)
    missing = count - n_held
    if missing > 0 and _take(project.pk, annotator.pk, missing) == 0:
        hold(Lock.QUEUE, project.pk)
        # While this waited for the lock another taker may have filled, or a refresh replaced, the queue.
        if _take(project.pk, annotator.pk, missing) == 0 and _fill(project, annotator) > 0:
            _take(project.pk, annotator.pk, missing)
    _announce_running_low(project)
    return _reservations(project.pk, annotator.pk)[: max(count, n_held)]


def _reclaim_lapsed(project_id: int) -> None:
    """Free the slots of leases that ran out. The entry is locked too, so that no two takers free the same slots."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with lapsed as (
                select r.id, r.entry_id from labeling_reservation r join labeling_queueentry e on e.id = r.entry_id
                where e.project_id = %s and r.expires_at <= statement_timestamp()
                for update of r, e skip locked
            ), freed as (
                delete from labeling_reservation r using lapsed where r.id = lapsed.id returning r.entry_id
            )
            update labeling_queueentry e set open_slots = e.open_slots + f.n
            from (select entry_id, count(*) as n from freed group by entry_id) f where e.id = f.entry_id
            """,
            [project_id],
        )


def _renew(project_id: int, annotator_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update labeling_reservation r set expires_at = statement_timestamp() + make_interval(secs => %s)
            from labeling_queueentry e
            where e.id = r.entry_id and e.project_id = %s and r.annotator_id = %s
              and r.expires_at > statement_timestamp()
            """,
            [LEASE.total_seconds(), project_id, annotator_id],
        )
        return cursor.rowcount


def _take(project_id: int, annotator_id: int, count: int) -> int:
    """Reserve the next ``count`` entries that this annotator may have; rows that others are taking are passed over."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with next as (
                select e.id from labeling_queueentry e
                where e.project_id = %(project)s and e.open_slots > 0
                  and not exists (
                      select from labeling_reservation r where r.entry_id = e.id and r.annotator_id = %(annotator)s)
                  and not exists (
                      select from labeling_skip s where s.photo_id = e.photo_id and s.annotator_id = %(annotator)s
                        and s.until > statement_timestamp())
                  and not exists (
                      select from labeling_annotation a
                      where a.photo_id = e.photo_id and a.annotator_id = %(annotator)s and a.withdrawn_at is null
                        and a.round = coalesce(
                            (select j.round from labeling_adjudication j where j.photo_id = e.photo_id), 1))
                  and not exists (select from labeling_consensus c where c.photo_id = e.photo_id)
                order by e.rank, e.id
                limit %(count)s
                for update of e skip locked
            ), taken as (
                update labeling_queueentry e set open_slots = e.open_slots - 1 from next where e.id = next.id
                returning e.id
            )
            insert into labeling_reservation (entry_id, annotator_id, mode, token, created_at, expires_at)
            select taken.id, %(annotator)s, 'single', gen_random_uuid(), statement_timestamp(),
                statement_timestamp() + make_interval(secs => %(lease)s)
            from taken
            """,
            {"project": project_id, "annotator": annotator_id, "count": count, "lease": LEASE.total_seconds()},
        )
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
    last = QueueEntry.objects.filter(project=project).aggregate(last=Max("rank"))["last"] or 0
    created = QueueEntry.objects.bulk_create(
        [
            QueueEntry(
                project=project, batch=batch, photo_id=photo_id, rank=rank, open_slots=project.labels_wanted,
                reason=QueueEntry.Reason.EVALUATION if is_evaluation else QueueEntry.Reason.ARRIVAL,
                # An expert who sees the model's answer drifts towards it; what measures the model must not.
                is_blind=is_evaluation,
            )
            for rank, photo_id in enumerate(photo_ids, start=last + 1)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return len(created)


def _unasked(project: Project, annotator: User, *, is_held_out: bool) -> list[int]:
    """The first photos by arrival, at most a batch, that are unsettled, not queued, and new to the annotator.

    Each condition is a scalar subquery, which PostgreSQL probes row by row along the index and stops at the limit. As
    NOT EXISTS it plans joins of whole tables, and with statistics a minute old these took 28 s on 300,000 photos.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select p.id from labeling_photo p
            where p.project_id = %(project)s and p.status = 'ready' and p.is_held_out = %(held_out)s
              and (select 1 from labeling_consensus c where c.photo_id = p.id) is null
              and (select 1 from labeling_adjudication j where j.photo_id = p.id and j.state = 'open') is null
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
        return [photo_id for (photo_id,) in cursor.fetchall()]


def _announce_running_low(project: Project) -> None:
    enough = max(1, int(project.batch_size * RUNNING_LOW_SHARE))
    if QueueEntry.objects.filter(project=project, open_slots__gt=0)[:enough].count() < enough:
        announce(queue_running_low, project_id=project.pk)


def _reservations(project_id: int, annotator_id: int) -> list[Reservation]:
    return list(
        Reservation.objects.filter(entry__project_id=project_id, annotator_id=annotator_id)
        .select_related("entry__batch", "entry__photo__site", "entry__photo__plant", "entry__photo__suggestion")
        .order_by("entry__rank", "entry_id")
    )


@transaction.atomic
def reservations_release(
    *, project: Project, annotator: User, mode: str, photo_ids: Sequence[int] | None = None
) -> None:
    """Give leases of one page back; without ``photo_ids`` all of them."""


def entry_slots_set(*, entry: QueueEntry, wanted: int, given: int) -> None:
    """Bring ``open_slots`` of a locked entry in line: ``wanted`` and ``given`` annotations of this round."""
    entry.open_slots = wanted - given - entry.reservations.count()
    entry.save(update_fields=["open_slots"])


def entry_locked(*, photo_id: int) -> QueueEntry | None:
    """The entry of a photo, locked; None when it is not in the queue."""
    return QueueEntry.objects.select_for_update().filter(photo_id=photo_id).first()


def entry_front(*, photo: Photo, reason: str, shown: dict[str, Any] | None = None) -> QueueEntry:
    """The entry of a photo, locked and at the front; made anew, asking as ``shown`` tells, when it had left the queue.

    ``open_slots`` of a new entry is 0: the caller, who knows what is wanted and given, sets it.
    """
    entry = entry_locked(photo_id=photo.pk)
    if entry is None:
        batch = QueryBatch.objects.create(
            project_id=photo.project_id, source=reason, model_version=(shown or {}).get("model_version", "")
        )
        shown = shown or {}
        entry = QueueEntry.objects.create(
            project_id=photo.project_id, batch=batch, photo=photo, rank=FRONT_RANK, open_slots=0,
            reason=shown.get("reason") or reason, boundary=shown.get("boundary"), utility=shown.get("utility", 0.0),
            is_blind=shown.get("is_blind", False), probabilities=shown.get("probabilities", []),
        )  # fmt: skip
    elif entry.rank != FRONT_RANK:
        entry.rank = FRONT_RANK
        entry.save(update_fields=["rank"])
    return entry


def entry_reserve(*, entry: QueueEntry, annotator: User) -> Reservation:
    """Give a locked entry to an annotator, whatever its open slots; a lease they hold is renewed."""
    expires_at = timezone.now() + LEASE
    reservation, is_new = Reservation.objects.get_or_create(
        entry=entry, annotator=annotator, defaults={"expires_at": expires_at}
    )
    if is_new:
        QueueEntry.objects.filter(pk=entry.pk).update(open_slots=F("open_slots") - 1)
    else:
        Reservation.objects.filter(pk=reservation.pk).update(expires_at=expires_at)
    return reservation


def entry_release(*, entry: QueueEntry, annotator: User) -> None:
    """Take a locked entry from an annotator, if they hold it; the slot is open again."""
    n_released, _ = Reservation.objects.filter(entry=entry, annotator=annotator).delete()
    if n_released:
        QueueEntry.objects.filter(pk=entry.pk).update(open_slots=F("open_slots") + 1)
