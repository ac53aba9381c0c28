"""Planting gold checks into a batch: photos of known stage that look like any other, to measure experts.

Invariants:

1. A gold entry belongs to a photo whose consensus is gold. Whoever withdraws the decree takes the entry out, under the
   photo's lock.
2. Its ``open_slots`` = ``GOLD_SLOTS`` - reservations. Answers do not count: it stays for the others, until the next
   batch replaces it.
3. An answer to it is an annotation like any other and changes nothing else: neither the consensus nor the queue.
4. Nobody is asked twice in one round, as with every photo: the annotation forbids it.
5. Nothing that an expert is sent tells it from the entries around it: see ``Disguise`` and ``reason_sent``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from labeling.domain.gold_checks import checks_placed, checks_wanted
from labeling.models import Project, QueryBatch, QueueEntry
from labeling.services.entries import GOLD_SLOTS

CANDIDATES = 2000
"""The least asked are looked for among this many gold photos, drawn at random where there are more."""


@dataclass(frozen=True)
class Disguise:
    """How the entries of a batch look, and a check among them must.

    Where the batch shows full probabilities a check cannot: the model has learned from its stage, and would tell it. It
    is blind there, as a share of the batch is anyway.

    Attributes:
        is_blind: checks hide the model's suggestion.
        has_suggestion: only photos with (True) or without (False) a suggestion will do; None: it makes no difference.
    """

    is_blind: bool
    has_suggestion: bool | None = None


def gold_planted(
    *, project: Project, batch: QueryBatch, entries: Sequence[QueueEntry], disguise: Disguise
) -> list[QueueEntry]:
    """The entries of a new batch, in their order, with new gold entries in between; ranks are for the caller to set.

    The least asked are planted first. Fewer are planted where there are not enough of them; which and where follows
    from the project's seed and the batch.
    """
    wanted = checks_wanted(len(entries), share=project.gold_share)
    if wanted == 0:
        return list(entries)
    chance = random.Random(f"{project.seed}:{batch.pk}")  # noqa: S311 - a draw that can be repeated, no secret
    photo_ids = _least_asked(project, wanted, str(chance.random()), disguise)
    chance.shuffle(photo_ids)
    checks = [
        QueueEntry(
            project=project, batch=batch, photo_id=photo_id, open_slots=GOLD_SLOTS,
            reason=QueueEntry.Reason.GOLD, is_blind=disguise.is_blind,
        )
        for photo_id in photo_ids
    ]  # fmt: skip
    return list(_woven(entries, checks, checks_placed(len(entries), [chance.random() for _ in checks])))


def gold_clear(*, project_id: int) -> None:
    """Take out the gold entries that nobody holds: those that experts have passed would never be planted again."""
    entries = QueueEntry.objects.filter(project_id=project_id, reason=QueueEntry.Reason.GOLD)
    locked = list(entries.select_for_update(skip_locked=True).values_list("pk", flat=True))
    # Looked at after locking: a reservation is only made under its entry's lock.
    QueueEntry.objects.filter(pk__in=locked, reservations__isnull=True).delete()


def _woven(entries: Sequence[QueueEntry], checks: list[QueueEntry], places: list[int]) -> Iterator[QueueEntry]:
    waiting = list(zip(places, checks, strict=True))
    for number, entry in enumerate(entries, start=1):
        yield entry
        while waiting and waiting[0][0] == number:
            yield waiting.pop(0)[1]


def _least_asked(project: Project, count: int, salt: str, disguise: Disguise) -> list[int]:
    """Gold photos of the pool that are not in the queue, least often annotated by people first, ties by draw."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with gold as (
                select p.id, md5(%(salt)s || p.id) as draw
                from labeling_knownlabel k join labeling_photo p on p.id = k.photo_id
                where k.kind = 'gold' and p.project_id = %(project)s and p.status = 'ready' and not p.is_held_out
                  and (select c.is_gold from labeling_consensus c where c.photo_id = p.id)
                  and (select true from labeling_queueentry e where e.photo_id = p.id) is null
                  -- An example of the atlas hangs beside every photo: nothing could be learnt by asking about it.
                  and not exists (select from labeling_referencephoto r where r.photo_id = p.id)
                  and (%(suggested)s::bool is null or %(suggested)s =
                       coalesce((select true from labeling_suggestion s where s.photo_id = p.id), false))
                order by draw limit %(candidates)s
            )
            select gold.id from gold
            order by (select count(*) from labeling_annotation a
                      where a.photo_id = gold.id and a.annotator_id is not null), draw
            limit %(count)s
            """,
            {
                "salt": salt,
                "project": project.pk,
                "suggested": disguise.has_suggestion,
                "candidates": CANDIDATES,
                "count": count,
            },
        )
        return [photo_id for (photo_id,) in cursor.fetchall()]
