"""Taking the decisions of experts: idempotent, one transaction each, the consensus in the same one.

Locks, in this order: the annotator (so that a replay waits for its original), the photo, its queue entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from labeling.domain.decisions import MAX_BATCH, MESSAGES, DecisionInput, DecisionResult, Outcome, check_answer, refused
from labeling.domain.errors import Conflict, DomainError, NotFound
from labeling.models import (
    Annotation,
    Consensus,
    GrowthStage,
    Photo,
    Project,
    QueueEntry,
    Receipt,
    Reservation,
    Skip,
    StageScale,
    Suggestion,
    User,
)
from labeling.selectors.adjudications import current_round
from labeling.selectors.photo_state import PhotoState, photo_state
from labeling.selectors.practice import practice_refuse
from labeling.selectors.projects import current_stages
from labeling.selectors.queue import pair_asked, shown_snapshot, suggestion_bare, suggestion_shown
from labeling.services.consensus import annotations_that_count, consensus_recompute, consensus_update, photo_locked
from labeling.services.consensus_policy import ProjectPolicy
from labeling.services.entries import (
    entry_front,
    entry_locked,
    entry_of_gold,
    entry_of_grid,
    entry_release,
    entry_reserve,
)
from labeling.services.locks import Lock, hold

SKIP_FOR = timedelta(hours=12)
OLDEST = timedelta(days=60)
"""A decision may wait this long for a signal; an older clock is taken to be wrong."""
LONGEST_LEAD_TIME_MS = 60 * 60 * 1000


def decisions_submit(*, project: Project, annotator: User, decisions: Sequence[DecisionInput]) -> list[DecisionResult]:
    """Apply decisions in order, each in a transaction of its own, so that one bad one costs the others nothing.

    A key seen before is not applied again: "duplicate" if it was applied, else the answer it got then.

    Raises:
        DomainError: "too_many_decisions", more than ``MAX_BATCH``; nothing is applied.
    """
    if len(decisions) > MAX_BATCH:
        raise DomainError("too_many_decisions", f"Send at most {MAX_BATCH} decisions at a time.")
    return [_submit(project, annotator, decision) for decision in decisions]


@transaction.atomic
def _submit(project: Project, annotator: User, decision: DecisionInput) -> DecisionResult:
    hold(Lock.ANNOTATOR, annotator.pk)
    earlier = Receipt.objects.filter(annotator=annotator, key=decision.key).first()
    if earlier is not None:
        is_applied = earlier.outcome == "applied"
        return _result(decision, "duplicate" if is_applied else earlier.outcome, earlier.code, earlier.photo_id)
    receipt = Receipt(annotator=annotator, key=decision.key, outcome="applied")
    try:
        with transaction.atomic():
            _apply(project, annotator, decision, receipt)
    except Conflict as error:
        receipt.outcome, receipt.code, receipt.annotation = "conflict", error.code, None
    except DomainError as error:
        receipt.outcome, receipt.code, receipt.annotation = "rejected", error.code, None
    receipt.save(force_insert=True)
    return _result(decision, receipt.outcome, receipt.code, receipt.photo_id)


def _result(decision: DecisionInput, outcome: Outcome | str, code: str, photo_id: int | None) -> DecisionResult:
    return DecisionResult(decision.key, outcome, code, MESSAGES.get(code, ""), photo_id)  # type: ignore[arg-type]


def _apply(project: Project, annotator: User, decision: DecisionInput, receipt: Receipt) -> None:
    """Do what the decision says; fills in the receipt."""
    if decision.kind == "undo":
        _undo(project, annotator, decision, receipt)
        return
    photo = photo_locked(photo_id=decision.photo_id, project=project)
    receipt.photo = photo
    if decision.kind == "skip":
        _skip(photo, annotator, decision.reservation)
    else:
        receipt.annotation = _answer(photo, annotator, decision)


def _answer(photo: Photo, annotator: User, decision: DecisionInput) -> Annotation:
    stages = list(current_stages(project_id=photo.project_id))
    content = _content(decision, _stages_meant(photo, decision, stages))
    entry = entry_locked(photo_id=photo.pk)
    if entry is None or not entry.reservations.filter(annotator=annotator).exists():
        # What somebody holds was handed out while they counted: it may still be answered.
        practice_refuse(project=photo.project, user=annotator)
    state = photo_state(photo_id=photo.pk)
    is_check = _is_check(state, entry, decision)
    given = annotations_that_count(photo=photo, state=state)
    _check_wanted(photo, state, annotator, given, is_check=is_check)
    annotation = Annotation.objects.create(
        photo=photo,
        annotator=annotator,
        round=state.round,
        decided_at=_clamped(decision.decided_at),
        lead_time_ms=None if decision.elapsed_ms is None else min(max(decision.elapsed_ms, 0), LONGEST_LEAD_TIME_MS),
        note=decision.note.strip(),
        mode=decision.mode,
        **content,
        **_seen(photo, entry, decision, annotator),
    )
    settled = None
    if not is_check:
        settled = consensus_recompute(
            photo=photo, state=state, stages=stages, entry=entry, annotations=[*given, annotation]
        )
    if entry is not None and settled is None:  # a settled photo has left the queue, its leases with it
        entry_release(entry=entry, annotator=annotator)
    return annotation


def _is_check(state: PhotoState, entry: QueueEntry | None, decision: DecisionInput) -> bool:
    """Whether the answer measures the expert on a photo of known stage, and changes nothing else.

    It does if the photo was handed out: it has a gold entry, or the decision comes with a lease whose entry has gone
    since. Who answers a settled photo of their own accord is told so, gold or not.
    """
    if not state.is_gold:
        return False
    return decision.reservation is not None or (entry is not None and entry.reason == QueueEntry.Reason.GOLD)


def _check_wanted(
    photo: Photo, state: PhotoState, annotator: User, given: Sequence[Annotation], *, is_check: bool
) -> None:
    """Refuse unless the photo still wants an answer of this annotator; whether they hold a lease is no matter."""
    if photo.status != Photo.Status.READY:
        raise refused("photo_not_ready")
    if not is_check and state.consensus is not None:
        raise refused("already_settled", Conflict)
    if state.is_before_adjudicator:
        raise refused("in_adjudication", Conflict)
    if any(it.annotator_id == annotator.pk for it in given):
        raise refused("already_decided", Conflict)


def _stages_meant(photo: Photo, decision: DecisionInput, stages: list[GrowthStage]) -> list[GrowthStage]:
    """The stages that a decision's positions refer to, once it is clear that the answer can be counted on ``stages``.

    A decision may arrive after the scale it was made on was replaced. It is kept as it was made; only where it cannot
    be told what it says of the present stages the photo must be looked at again.
    """
    scale = stages[0].scale
    if decision.scale is None or decision.scale == scale.pk:
        check_answer(decision, n_stages=len(stages), is_ordered=scale.is_ordered)
        return stages
    known = GrowthStage.objects.select_related("scale").filter(
        scale_id=decision.scale, scale__project_id=photo.project_id, scale__status=StageScale.Status.RETIRED
    )
    meant = list(known.order_by("position"))
    if not meant:
        raise refused("scale_changed")
    check_answer(decision, n_stages=len(meant), is_ordered=meant[0].scale.is_ordered)
    policy = ProjectPolicy(project=photo.project, scale=scale, n_stages=len(stages))
    if policy.opinion(Annotation(**_content(decision, meant))) is None:
        raise refused("scale_changed")
    return meant


def _content(decision: DecisionInput, stages: Sequence[GrowthStage]) -> dict[str, Any]:
    """What is said: only the fields that belong to the kind."""
    content: dict[str, Any] = {"kind": decision.kind}
    if decision.kind in {"stage", "between"}:
        assert decision.stage is not None
        content["stage"] = stages[decision.stage]
    if decision.kind == "between":
        assert decision.stage_upper is not None
        content["stage_upper"] = stages[decision.stage_upper]
    if decision.kind in {"cannot_tell", "unusable"}:
        content["reason"] = decision.reason
    return content


def _seen(photo: Photo, entry: QueueEntry | None, decision: DecisionInput, annotator: User) -> dict[str, Any]:
    """What was on the screen: by the queue's account; for photos that have left it, by the latest suggestion."""
    if entry is None:
        shown = suggestion_bare(photo_suggestion=Suggestion.objects.filter(photo=photo).first())
        is_blind = bool(decision.is_blind)
    else:
        shown = suggestion_shown(entry=entry)
        is_blind = entry.is_blind if decision.is_blind is None else decision.is_blind
    snapshot = shown_snapshot(shown=shown, entry=entry)
    pair = pair_asked(entry=entry, annotator_id=annotator.pk) if entry is not None and decision.mode == "pair" else None
    if pair is not None:
        snapshot["pair"] = {"left": pair.left, "right": pair.right}
    return {"shown": snapshot, "is_blind": is_blind}


def _skip(photo: Photo, annotator: User, token: UUID | None) -> None:
    """Pass the photo on: not handed to the same person again for a while."""
    Skip.objects.update_or_create(photo=photo, annotator=annotator, defaults={"until": timezone.now() + SKIP_FOR})
    entry = entry_locked(photo_id=photo.pk)
    if entry is not None:
        entry_release(entry=entry, annotator=annotator, token=token)


def _undo(project: Project, annotator: User, decision: DecisionInput, receipt: Receipt) -> None:
    """Take back an annotation or a skip; the photo comes back to this person, before everything else."""
    mine = Receipt.objects.filter(annotator=annotator, outcome="applied")
    undone = None if decision.undoes is None else mine.filter(key=decision.undoes).first()
    if undone is None or undone.photo_id is None:
        raise refused("unknown_decision", NotFound)
    photo = photo_locked(photo_id=undone.photo_id, project=project)
    receipt.photo = photo
    annotation = undone.annotation
    if annotation is not None:
        _withdraw(photo, annotation)
    elif not Skip.objects.filter(photo=photo, annotator=annotator).exists():
        raise refused("already_undone", Conflict)
    Skip.objects.filter(photo=photo, annotator=annotator).delete()
    is_grid = (annotation.mode if annotation else decision.mode) == Annotation.Mode.GRID
    _ask_again(photo, annotation, is_grid=is_grid)
    entry = entry_locked(photo_id=photo.pk)
    if entry is not None:
        mode = Reservation.Mode.GRID if is_grid else Reservation.Mode.SINGLE
        entry_reserve(entry=entry, annotator=annotator, mode=mode)


def _ask_again(photo: Photo, undone: Annotation | None, *, is_grid: bool) -> None:
    """See to it that a photo whose annotation or skip was undone has an entry, unless others have settled it."""
    shown = undone.shown if undone else None
    if Consensus.objects.filter(photo=photo, is_gold=True).exists():
        if shown is None or shown.get("reason") == QueueEntry.Reason.GOLD:
            entry_of_gold(photo=photo, shown=shown)
    elif undone is not None or Photo.objects.unsettled().filter(pk=photo.pk).exists():
        if is_grid:
            entry_of_grid(photo=photo, shown=shown)
        else:
            entry_front(photo=photo, reason=QueueEntry.Reason.ARRIVAL, shown=shown)
        consensus_update(photo_id=photo.pk)  # sets the entry's slots, or takes it out again if others have settled it


def _withdraw(photo: Photo, annotation: Annotation) -> None:
    if annotation.withdrawn_at is not None:
        raise refused("already_undone", Conflict)
    is_settled_above = Consensus.objects.filter(photo=photo, is_adjudicated=True).exists()
    if is_settled_above or annotation.round != current_round(photo_id=photo.pk):
        raise refused("undo_too_late", Conflict)
    Annotation.objects.filter(pk=annotation.pk).update(withdrawn_at=timezone.now())


def _clamped(decided_at: datetime) -> datetime:
    """The annotator's clock, kept from the future and from the distant past."""
    now = timezone.now()
    return min(max(decided_at, now - OLDEST), now)
