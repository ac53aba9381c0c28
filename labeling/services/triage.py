"""Handing out pages of the triage grid.

A photo on a grid is an entry of the queue with a lease of mode "grid": leases, open slots and decisions keep the
invariants they have without it. The entry is made when the grid takes the photo (rank ``GRID_RANK``) and goes with the
lease when nobody has answered, see ``leases_end``. Meanwhile nobody else gets the photo, on a grid or singly, however
many annotations it wants.

Entries are made in order of their photos before any is locked, and locked with SKIP LOCKED: a grid that waits for the
making of another holds nothing the other wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F

from labeling.domain.decisions import refused
from labeling.models import Project, QueryBatch, QueueEntry, Reservation, StageScale, Suggestion, User
from labeling.selectors.practice import practice_refuse
from labeling.selectors.queue import bare_probabilities
from labeling.selectors.triage import GridOf, grid_candidates
from labeling.services.entries import GRID_RANK, LEASE
from labeling.services.locks import Lock, hold, scale_held
from labeling.services.reservations import leases_end, leases_reclaim, leases_renew


@dataclass(frozen=True)
class GridPage:
    """Photos held for the grid, in its order; ``has_more``: others wait behind them."""

    reservations: list[Reservation]
    has_more: bool


@transaction.atomic
def grid_take(*, project: Project, annotator: User, of: GridOf, count: int) -> GridPage:
    """Up to ``count`` photos for the grid: those of it that are held already (renewed), then new ones.

    Leases on a grid of another stage or boundary are given back. Photos are taken by confidence, highest first for a
    stage, lowest first for a boundary; never one that is blind, held out, known, disputed, or before somebody else.

    Raises:
        DomainError: "scale_unordered", a boundary of classes without an order; "practice_first", the expert does not
            count yet.
    """
    practice_refuse(project=project, user=annotator)
    if of.boundary is not None and not StageScale.objects.get(project=project, status="current").is_ordered:
        raise refused("scale_unordered")
    hold(Lock.ANNOTATOR, annotator.pk)
    scale_held(project_id=project.pk)  # entries are made by positions of the suggestions
    _leave_other_grids(project, annotator, of)  # waits for entries, so it comes before anything locks some
    leases_reclaim(project_id=project.pk)
    n_held, _ = leases_renew(project_id=project.pk, annotator_id=annotator.pk, mode=Reservation.Mode.GRID)
    missing = max(0, count - n_held)
    found = grid_candidates(project_id=project.pk, annotator_id=annotator.pk, of=of, limit=missing + 1)
    if missing and found:
        _take(project, annotator, found[:missing])
    return GridPage(_held(project, annotator, of), has_more=len(found) > missing)


def _leave_other_grids(project: Project, annotator: User, of: GridOf) -> None:
    """Give back what the person holds on another grid, or what another grid shows now after a new suggestion."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select r.id from labeling_reservation r join labeling_queueentry e on e.id = r.entry_id
            where e.project_id = %s and r.annotator_id = %s and r.mode = 'grid'
              and not exists (
                  select from labeling_suggestion s where s.photo_id = e.photo_id and s.position = any(%s))
            order by e.id for update of e, r
            """,
            [project.pk, annotator.pk, of.positions],
        )
        others = [lease_id for (lease_id,) in cursor.fetchall()]
    leases_end(lease_ids=others)


def _take(project: Project, annotator: User, found: Sequence[Suggestion]) -> None:
    """Make the entries that are missing, lock them all, and lease those that are still free.

    Locked first and looked at after: a reservation is only made under its entry's lock, so what the last statement sees
    of the locked entries is final. An entry just made goes again if its photo was settled since the suggestion was
    read: whoever settled it had an entry of theirs to delete, and the insertion waited for their end.
    """
    _entries_make(project, found)
    entries = QueueEntry.objects.filter(photo_id__in=[it.photo_id for it in found], open_slots__gt=0)
    locked = list(entries.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with settled as (
                delete from labeling_queueentry e
                where e.id = any(%(locked)s) and e.reason <> 'gold'
                  and not exists (select from labeling_reservation r where r.entry_id = e.id)
                  and exists (select from labeling_consensus c where c.photo_id = e.photo_id)
            ), free as (
                select e.id from labeling_queueentry e
                where e.id = any(%(locked)s) and e.project_id = %(project)s and e.open_slots > 0 and not e.is_blind
                  and e.reason <> 'gold'
                  and not exists (select from labeling_reservation r where r.entry_id = e.id)
                  and not exists (select from labeling_consensus c where c.photo_id = e.photo_id)
            ), taken as (
                update labeling_queueentry e set open_slots = e.open_slots - 1 from free where e.id = free.id
                returning e.id
            )
            insert into labeling_reservation (entry_id, annotator_id, mode, token, created_at, expires_at)
            select taken.id, %(annotator)s, 'grid', gen_random_uuid(), statement_timestamp(),
                statement_timestamp() + make_interval(secs => %(lease)s)
            from taken
            """,
            {
                "locked": locked,
                "project": project.pk,
                "annotator": annotator.pk,
                "lease": LEASE.total_seconds(),
            },
        )


def _entries_make(project: Project, found: Sequence[Suggestion]) -> None:
    queued = set(
        QueueEntry.objects.filter(photo_id__in=[it.photo_id for it in found]).values_list("photo_id", flat=True)
    )
    new = sorted((it for it in found if it.photo_id not in queued), key=lambda it: it.photo_id)
    batches = {
        version: QueryBatch.objects.create(project=project, source="triage", model_version=version)
        for version in sorted({it.model_version for it in new})
    }
    entries = [
        QueueEntry(
            project=project, batch=batches[it.model_version], photo_id=it.photo_id, rank=GRID_RANK,
            utility=1.0 - it.confidence, reason=QueueEntry.Reason.TRIAGE, open_slots=project.labels_wanted,
            # What is shown is kept here: the suggestion itself changes with every refresh.
            probabilities=bare_probabilities(position=it.position, confidence=it.confidence),
        )
        for it in new
    ]  # fmt: skip
    QueueEntry.objects.bulk_create(entries, ignore_conflicts=True)


def _held(project: Project, annotator: User, of: GridOf) -> list[Reservation]:
    confidence = F("entry__photo__suggestion__confidence")
    by_confidence = confidence.desc() if of.boundary is None else confidence.asc()
    return list(
        Reservation.objects.filter(entry__project=project, annotator=annotator, mode=Reservation.Mode.GRID)
        .select_related("entry__batch", "entry__photo__site", "entry__photo__plant", "entry__photo__suggestion")
        .order_by(by_confidence, "entry__photo_id" if of.boundary is None else "-entry__photo_id")
    )
