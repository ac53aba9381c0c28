"""One entry of the queue: found and locked, made, held, given back; every change of ``open_slots`` of one entry.

The bulk statements that take, end and replace many leases at once are in ``reservations.py``, ``triage.py`` and
``queue.py``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from labeling.models import Photo, QueryBatch, QueueEntry, Reservation, User
from labeling.selectors.queue import bare_probabilities

LEASE = timedelta(minutes=15)
FRONT_RANK = 0
"""Rank of what must be asked at once: photos sent back or taken back. Batches start at 1."""
GRID_RANK = 2_000_000_000
"""Rank of entries that exist only because a grid took the photo: behind every batch, whatever comes after."""
GOLD_SLOTS = 1000
"""Slots of a gold entry. Answers do not use them up, leases do: as many may hold it at once, which is everybody."""


def entry_locked(*, photo_id: int) -> QueueEntry | None:
    """The entry of a photo, locked, with its batch; None when it is not in the queue."""
    entries = QueueEntry.objects.select_for_update(of=("self",)).select_related("batch")
    return entries.filter(photo_id=photo_id).first()


def entry_made(entry: QueueEntry) -> QueueEntry:
    """Put a new entry into the queue, locked; one that another transaction made meanwhile stays and is returned."""
    made = None
    while made is None:  # it may have gone again between the two statements
        QueueEntry.objects.bulk_create([entry], ignore_conflicts=True)
        made = entry_locked(photo_id=entry.photo_id)
    return made


def entry_drop(*, entry: QueueEntry) -> None:
    """Take a locked entry out of the queue, and the leases on it: locked in a statement before, so all are seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with leases as (delete from labeling_reservation where entry_id = %(entry)s)
            delete from labeling_queueentry where id = %(entry)s
            """,
            {"entry": entry.pk},
        )


def entry_slots_set(*, entry: QueueEntry, wanted: int, given: int) -> None:
    """Bring ``open_slots`` of a locked entry in line: ``wanted`` and ``given`` annotations of this round."""
    entry.open_slots = wanted - given - entry.reservations.count()
    entry.save(update_fields=["open_slots"])


def entry_front(*, photo: Photo, reason: str, shown: dict[str, Any] | None = None) -> QueueEntry:
    """The entry of a photo, locked and at the front; made anew, asking as ``shown`` tells, when it had left the queue.

    ``open_slots`` of a new entry is 0: the caller, who knows what is wanted and given, sets it.
    """
    entry = entry_locked(photo_id=photo.pk) or entry_made(_asking(photo, reason, shown, rank=FRONT_RANK))
    if entry.rank != FRONT_RANK:
        entry.rank = FRONT_RANK
        entry.save(update_fields=["rank"])
    return entry


def entry_of_grid(*, photo: Photo, shown: dict[str, Any] | None = None) -> QueueEntry:
    """As :func:`entry_front`, for a photo that goes back to the grid: it keeps its rank, or gets the grid's."""
    triage = QueueEntry.Reason.TRIAGE
    return entry_locked(photo_id=photo.pk) or entry_made(_asking(photo, triage, shown, rank=GRID_RANK))


def entry_of_gold(*, photo: Photo, shown: dict[str, Any] | None = None) -> QueueEntry:
    """As :func:`entry_front`, for a photo of known stage; an entry that somebody else holds keeps its rank."""
    entry = entry_locked(photo_id=photo.pk)
    if entry is None:
        asking = _asking(photo, QueueEntry.Reason.GOLD, shown or {"is_blind": True}, rank=FRONT_RANK)
        asking.open_slots = GOLD_SLOTS
        entry = entry_made(asking)
    elif entry.rank != FRONT_RANK and not entry.reservations.exists():
        entry.rank = FRONT_RANK
        entry.save(update_fields=["rank"])
    return entry


def _asking(photo: Photo, reason: str, shown: dict[str, Any] | None, *, rank: int) -> QueueEntry:
    shown = shown or {}
    asked_for = shown.get("reason") or reason
    if asked_for == QueueEntry.Reason.GOLD and reason != asked_for:
        asked_for = reason  # it was gold when it was asked, and is not any more
    probabilities = shown.get("probabilities", [])
    if not probabilities and "position" in shown and shown.get("reason") == QueueEntry.Reason.TRIAGE:
        probabilities = bare_probabilities(position=shown["position"], confidence=shown["confidence"])
    batch = QueryBatch.objects.create(
        project_id=photo.project_id,
        source=shown.get("source") or reason,
        model_version=shown.get("model_version", ""),
    )
    return QueueEntry(
        project_id=photo.project_id, batch=batch, photo=photo, rank=rank, open_slots=0,
        reason=asked_for, boundary=shown.get("boundary"), utility=shown.get("utility", 0.0),
        is_blind=shown.get("is_blind", False), probabilities=probabilities,
    )  # fmt: skip


def entry_reserve(*, entry: QueueEntry, annotator: User, mode: str = Reservation.Mode.SINGLE) -> Reservation:
    """Give a locked entry to an annotator, whatever its open slots; a lease they hold is renewed, for this page."""
    expires_at = timezone.now() + LEASE
    reservation, is_new = Reservation.objects.get_or_create(
        entry=entry, annotator=annotator, defaults={"expires_at": expires_at, "mode": mode}
    )
    if is_new:
        QueueEntry.objects.filter(pk=entry.pk).update(open_slots=F("open_slots") - 1)
    else:
        Reservation.objects.filter(pk=reservation.pk).update(expires_at=expires_at, mode=mode)
    return reservation


def entry_release(*, entry: QueueEntry, annotator: User, token: UUID | None = None) -> None:
    """Take a locked entry from an annotator, if they hold it; the slot is open again.

    With ``token`` only that lease ends: what comes late from an earlier one must not end the lease they hold now.
    """
    held = Reservation.objects.filter(entry=entry, annotator=annotator)
    if token is not None:
        held = held.filter(token=token)
    n_released, _ = held.delete()
    if n_released:
        QueueEntry.objects.filter(pk=entry.pk).update(open_slots=F("open_slots") + 1)
