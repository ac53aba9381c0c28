"""Writes of the review queue: what is asked next. Who holds it is in ``reservations.py``.

Who waits for whom: entries are only ever locked with SKIP LOCKED here, so replacing a batch waits for no entry; the
QUEUE lock orders replacing against filling, and its holder waits for nobody who wants it. Entries are made in order of
their photos, here and wherever many are made at once, so that two makers cannot deadlock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q

from labeling.models import Photo, Project, QueryBatch, QueueEntry
from labeling.services.entries import (
    FRONT_RANK,
    LEASE,
    entry_front,
    entry_locked,
    entry_release,
    entry_reserve,
    entry_slots_set,
)
from labeling.services.gold_planting import Disguise, gold_planted
from labeling.services.locks import Lock, hold
from labeling.services.reservations import leases_reclaim, reservations_release, reservations_take
from labeling.services.scale_use import scale_in_use_held
from labeling.services.suggestions import suggestions_record, suggestions_update

__all__ = [
    "FRONT_RANK",
    "LEASE",
    "EntryProposal",
    "entry_front",
    "entry_locked",
    "entry_release",
    "entry_reserve",
    "entry_slots_set",
    "queue_replace",
    "reservations_release",
    "reservations_take",
    "suggestions_record",
    "suggestions_update",
]


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
def queue_replace(
    *,
    project_id: int,
    source: str,
    model_version: str,
    entries: Sequence[EntryProposal],
    scale_id: int | None = None,
) -> QueryBatch:
    """Make ``entries`` the queue of the project, in rank order.

    Stays: what somebody holds (untouched, since its suggestion may be on a screen; leases that ran out hold nothing),
    what is partly answered (asked again by its new rank if proposed) and what was sent or taken back. Proposals that
    are settled are left out. Gold checks are planted between the proposals, anew for each batch.

    Args:
        project_id: whose queue.
        source: the acquisition, e.g. "ordinal_uncertainty".
        model_version: opaque id of what scored it; "" for none.
        entries: best first, without repeats.
        scale_id: the version of the scale that probabilities and boundaries speak of.

    Raises:
        Conflict: "scale_changed", another version is in use by now; nothing is written.
    """
    scale_in_use_held(project_id=project_id, scale_id=scale_id)
    hold(Lock.QUEUE, project_id)
    leases_reclaim(project_id=project_id)
    project = Project.objects.get(pk=project_id)
    batch = QueryBatch.objects.create(project=project, source=source, model_version=model_version)
    answered = _clear(project_id)
    askable = set(
        Photo.objects.unsettled()
        .filter(project_id=project_id, pk__in=[it.photo_id for it in entries])
        .values_list("pk", flat=True)
    )
    asked = [
        QueueEntry(
            pk=answered.get(it.photo_id), project=project, batch=batch, photo_id=it.photo_id,
            utility=it.utility, reason=it.reason, boundary=it.boundary, is_blind=it.is_blind,
            probabilities=list(it.probabilities), open_slots=project.labels_wanted,
        )
        for it in entries if it.photo_id in askable or it.photo_id in answered
    ]  # fmt: skip
    disguise = Disguise(is_blind=any(it.probabilities for it in entries))
    in_order = gold_planted(project=project, batch=batch, entries=asked, disguise=disguise)
    for rank, entry in enumerate(in_order, start=1):
        entry.rank = rank
    # A conflict is an entry that stayed: held, or put at the front a moment ago.
    fresh = sorted((it for it in in_order if it.pk is None), key=lambda it: it.photo_id)
    QueueEntry.objects.bulk_create(fresh, batch_size=2000, ignore_conflicts=True)
    # Partly answered: place and question change, the open slots do not.
    QueueEntry.objects.bulk_update(
        [it for it in in_order if it.pk is not None],
        ["batch", "rank", "utility", "reason", "boundary", "is_blind", "probabilities"],
        batch_size=500,
    )
    return batch


def _clear(project_id: int) -> dict[int, int]:
    """Delete the entries that may go; return those that are partly answered and held by nobody, photo -> entry.

    Locks first and looks after: a reservation or an annotation is only made under its entry's lock, so what the second
    statement sees of the locked rows is final. Rows that somebody has locked are in use and stay.
    """
    may_go = Q(rank__gt=FRONT_RANK) | Q(reason=QueueEntry.Reason.GOLD)
    entries = QueueEntry.objects.filter(may_go, project_id=project_id)
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
