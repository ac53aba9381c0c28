"""Doing one thing to many photos that were chosen by looking at them: the lots of the map.

Each photo is dealt with in a transaction of its own and by the rules that hold for a single one, so one that is refused
costs the others nothing. A lot may be sent again: decisions carry keys made from the lot's and the photo's, and the
words of an adjudicator are not said twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from labeling.domain.decisions import MAX_BATCH, DecisionInput, refused
from labeling.domain.errors import Conflict, DomainError
from labeling.models import Annotation, Consensus, Photo, Project, QueueEntry, Role, User
from labeling.selectors.photo_state import photo_state
from labeling.services.annotate import decisions_submit
from labeling.services.consensus import annotations_that_count, photo_locked
from labeling.services.entries import entry_front, entry_slots_set
from labeling.services.gold import gold_declare
from labeling.services.settled_labels import label_confirm, label_rule, label_send_back

LotAct = Literal["label", "send_back", "gold", "exclude"]
ACTS: dict[LotAct, Role] = {
    "label": Role.EXPERT,
    "send_back": Role.ADJUDICATOR,
    "gold": Role.ADJUDICATOR,
    "exclude": Role.ADJUDICATOR,
}
"""What can be done to a lot, and the lowest role that may."""
WITH_STAGE = frozenset({"label", "gold"})
LOT_MOST = 100
"""Photos of one request: some seconds' work."""


@dataclass(frozen=True)
class LotOrder:
    """What is to be done: ``stage_position`` for acts of ``WITH_STAGE``."""

    key: UUID
    act: LotAct
    photo_ids: tuple[int, ...]
    stage_position: int | None = None
    note: str = ""


@dataclass(frozen=True)
class LotResult:
    """What became of one photo: ``code`` is "" when it was done. ``decision`` is the key that takes it back, if any."""

    photo_id: int
    code: str = ""
    decision: UUID | None = None


def lot_apply(*, project: Project, by: User, role: Role, order: LotOrder) -> list[LotResult]:
    """Do it, photo by photo; the caller has seen to it that the role suffices.

    "label" is an answer to photos that still want one; what is settled is confirmed or ruled anew by an adjudicator,
    and refused to others; what is asked blind is refused. "send_back" has settled photos asked anew, blind, and open
    ones asked next. "exclude" rules photos unusable.

    Raises:
        DomainError: "too_many_photos", more than ``LOT_MOST``; nothing is done.
    """
    if len(order.photo_ids) > LOT_MOST:
        raise DomainError("too_many_photos", f"Send at most {LOT_MOST} photos at a time.")
    photo_ids = list(dict.fromkeys(order.photo_ids))
    if order.act == "label":
        return list(_label(project, by, role, order, photo_ids))
    act = {"send_back": _send_back, "gold": _gold, "exclude": _exclude}[order.act]
    return [_done(photo_id, act, project, by, order) for photo_id in photo_ids]


def _label(project: Project, by: User, role: Role, order: LotOrder, photo_ids: Sequence[int]) -> Iterator[LotResult]:
    ruled: set[int] = set()
    if role.includes(Role.ADJUDICATOR):
        photos = Photo.objects.filter(project=project, pk__in=photo_ids)
        wanting = set(photos.unsettled().values_list("pk", flat=True))
        # Whose decision of this lot has settled the photo: sent again, it must not become a ruling.
        ruled = set(photo_ids) - wanting - _decided(by, order, photo_ids)
    blind = _asked_blind(project, set(photo_ids) - ruled)
    asked = [photo_id for photo_id in photo_ids if photo_id not in ruled | blind]
    for start in range(0, len(asked), MAX_BATCH):
        decisions = [_decision(order, photo_id) for photo_id in asked[start : start + MAX_BATCH]]
        for decision, result in zip(
            decisions, decisions_submit(project=project, annotator=by, decisions=decisions), strict=True
        ):
            yield LotResult(decision.photo_id, result.code, None if result.code else decision.key)
    for photo_id in photo_ids:
        if photo_id in blind:
            yield LotResult(photo_id, "asked_blind")
        elif photo_id in ruled:
            yield _done(photo_id, _rule, project, by, order)


def _asked_blind(project: Project, photo_ids: Collection[int]) -> set[int]:
    """Photos whose answer is worth something only without having seen the model's: never to be had on a map."""
    held_out = Photo.objects.filter(project=project, pk__in=photo_ids, is_held_out=True, consensus__isnull=True)
    entries = QueueEntry.objects.filter(Q(is_blind=True) | Q(reason=QueueEntry.Reason.GOLD), photo__in=photo_ids)
    in_queue = entries.filter(project=project).values_list("photo_id", flat=True)
    return set(held_out.values_list("pk", flat=True)) | set(in_queue)


def _decided(by: User, order: LotOrder, photo_ids: Sequence[int]) -> set[int]:
    keys = {_key(order, photo_id): photo_id for photo_id in photo_ids}
    known = by.receipt_set.filter(key__in=keys, outcome="applied").values_list("key", flat=True)
    return {keys[key] for key in known}


def _decision(order: LotOrder, photo_id: int) -> DecisionInput:
    return DecisionInput(
        key=_key(order, photo_id), photo_id=photo_id, kind="stage", decided_at=timezone.now(),
        stage=order.stage_position, note=order.note, mode=Annotation.Mode.GRID,
    )  # fmt: skip


def _key(order: LotOrder, photo_id: int) -> UUID:
    return uuid5(order.key, str(photo_id))


def _done(
    photo_id: int, act: Callable[[Project, int, User, LotOrder], Any], project: Project, by: User, order: LotOrder
) -> LotResult:
    try:
        act(project, photo_id, by, order)
    except DomainError as error:
        return LotResult(photo_id, error.code)
    return LotResult(photo_id)


def _rule(project: Project, photo_id: int, by: User, order: LotOrder) -> None:
    """Confirm what is settled as this stage already, else settle it as this stage. Gold of this stage needs no word."""
    if order.stage_position is None:
        raise refused("unknown_stage")
    known = Consensus.objects.filter(photo_id=photo_id, stage__position=order.stage_position).first()
    about: dict[str, Any] = {"by": by, "note": order.note, "grounds": _grounds(order)}
    if known is not None and known.is_gold:
        return
    if known is not None and known.stage_id is not None and not known.is_adjudicated:
        label_confirm(project=project, photo_id=photo_id, stage_id=known.stage_id, **about)
    else:
        label_rule(project=project, photo_id=photo_id, stage_position=order.stage_position, **about)


def _exclude(project: Project, photo_id: int, by: User, order: LotOrder) -> None:
    label_rule(project=project, photo_id=photo_id, stage_position=None, by=by, note=order.note, grounds=_grounds(order))


def _gold(project: Project, photo_id: int, by: User, order: LotOrder) -> None:
    if order.stage_position is None:
        raise refused("unknown_stage")
    gold_declare(project=project, photo_id=photo_id, stage_position=order.stage_position, by=by)


@transaction.atomic
def _send_back(project: Project, photo_id: int, by: User, order: LotOrder) -> None:
    photo = photo_locked(photo_id=photo_id, project=project)
    state = photo_state(photo_id=photo.pk)
    if state.consensus is not None and state.consensus.stage_id is not None:
        label_send_back(
            project=project, photo_id=photo_id, stage_id=state.consensus.stage_id, by=by, note=order.note,
            grounds=_grounds(order),
        )  # fmt: skip
        return
    if photo.status != Photo.Status.READY:
        raise refused("photo_not_ready")
    if state.consensus is not None:
        raise refused("already_settled", Conflict)
    if state.is_before_adjudicator:
        raise refused("in_adjudication", Conflict)
    given = annotations_that_count(photo=photo, state=state)
    entry = entry_front(photo=photo, reason=QueueEntry.Reason.SENT_BACK, shown={"is_blind": photo.is_held_out})
    entry_slots_set(entry=entry, wanted=max(project.labels_wanted, len(given) + 1), given=len(given))


def _grounds(order: LotOrder) -> dict[str, Any]:
    return {"reason": "map", "lot": str(order.key), "n": len(order.photo_ids)}
