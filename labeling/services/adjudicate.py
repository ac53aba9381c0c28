"""Settling what experts disagree on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from django.db import transaction
from django.utils import timezone

from labeling.domain.consensus import Settled
from labeling.domain.errors import Conflict, DomainError, NotFound
from labeling.domain.soft_labels import one_hot
from labeling.models import (
    Adjudication,
    AdjudicationEvent,
    Annotation,
    Consensus,
    GrowthStage,
    Photo,
    Project,
    QueueEntry,
    User,
)
from labeling.selectors.adjudications import adjudication_shown
from labeling.selectors.photo_state import photo_state
from labeling.selectors.projects import current_stages
from labeling.services.consensus import annotations_that_count, consensus_write, photo_locked, suggestion_open_set
from labeling.services.entries import entry_front, entry_locked, entry_slots_set
from labeling.services.scale_use import scale_in_use_held

AdjudicationOutcome = Literal["stage", "unusable", "undecidable", "send_back"]


@transaction.atomic
def adjudication_settle(
    *,
    project: Project,
    photo_id: int,
    by: User,
    outcome: AdjudicationOutcome,
    stage_position: int | None = None,
    scale_id: int | None = None,
    note: str = "",
) -> Consensus | None:
    """Settle an open adjudication, or send the photo back to be asked again in a new round (returns None).

    Either is written down for good, with what the adjudicator had before them.

    Raises:
        NotFound: "photo_not_found" or "adjudication_not_found".
        Conflict: "adjudication_not_open", somebody settled it meanwhile; "scale_changed", the position is one of
            another scale than the one in use.
        DomainError: "unknown_stage".
    """
    scale_in_use_held(project_id=project.pk, scale_id=scale_id)
    photo = photo_locked(photo_id=photo_id, project=project)
    adjudication = Adjudication.objects.filter(photo=photo).first()
    if adjudication is None:
        raise NotFound("adjudication_not_found", "This photo is not with an adjudicator.")
    if adjudication.state != Adjudication.State.OPEN:
        raise Conflict("adjudication_not_open", "Somebody settled this photo meanwhile.")
    adjudication.note = note.strip()
    adjudication.settled_by = by
    stage, distribution = _settled_stage(project, stage_position) if outcome == "stage" else (None, ())
    AdjudicationEvent.objects.create(
        photo=photo, project=project, adjudicator=by, round=adjudication.round, outcome=outcome, stage=stage,
        note=adjudication.note, shown=adjudication_shown(photo_id=photo.pk, round_disputed=adjudication.round),
    )  # fmt: skip
    if outcome == "send_back":
        photo_ask_anew(photo=photo, adjudication=adjudication)
        return None
    adjudication.state = Adjudication.State.SETTLED
    adjudication.settled_at = timezone.now()
    adjudication.save()
    entry = entry_locked(photo_id=photo.pk)
    state = photo_state(photo_id=photo.pk)
    annotations = annotations_that_count(photo=photo, state=state)
    agreement = agreement_with(annotations=annotations, outcome=outcome, stage=stage)
    return consensus_write(
        photo=photo, state=state, entry=entry, settled=Settled(outcome, None, distribution, 1.0, agreement),
        stage=stage, n_annotations=len(annotations), is_adjudicated=True,
    )  # fmt: skip


def photo_ask_anew(*, photo: Photo, adjudication: Adjudication, is_blind: bool = False) -> None:
    """Begin the next round of a locked photo: it is asked first of all, also of those who have answered before."""
    adjudication.state = Adjudication.State.SENT_BACK
    adjudication.round += 1
    adjudication.save()
    entry = entry_front(photo=photo, reason=QueueEntry.Reason.SENT_BACK, shown={"is_blind": is_blind})
    entry_slots_set(entry=entry, wanted=photo.project.labels_wanted, given=0)
    suggestion_open_set(photo_id=photo.pk, is_open=True)


def _settled_stage(project: Project, position: int | None) -> tuple[GrowthStage, tuple[float, ...]]:
    stages = list(current_stages(project_id=project.pk))
    if position is None or not 0 <= position < len(stages):
        raise DomainError("unknown_stage", "The scale has no such stage.", {"stage": ["Not in the scale."]})
    return stages[position], tuple(one_hot(position, n_stages=len(stages)))


def agreement_with(*, annotations: Sequence[Annotation], outcome: str, stage: GrowthStage | None) -> float:
    """Share of the experts' annotations of the last round that said what the adjudicator says."""
    kind = {"unusable": Annotation.Kind.UNUSABLE, "undecidable": Annotation.Kind.CANNOT_TELL}.get(outcome)
    agreeing = [
        it for it in annotations if (it.kind == kind if stage is None else stage.pk in {it.stage_id, it.stage_upper_id})
    ]
    return len(agreeing) / len(annotations) if annotations else 0.0
