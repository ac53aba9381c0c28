"""An adjudicator looks again at what a photo is held to show: right after all, something else, or to be asked anew.

Every word is written down for good, with the grounds of the doubt. Gold is a decree: it can be confirmed, but not asked
anew, since nobody's answer would count; who doubts it withdraws it.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from labeling.domain.consensus import Settled
from labeling.domain.decisions import refused
from labeling.domain.errors import Conflict
from labeling.domain.soft_labels import one_hot
from labeling.models import Adjudication, AdjudicationEvent, Consensus, GrowthStage, Photo, Project, User
from labeling.selectors.adjudications import adjudication_shown
from labeling.selectors.photo_state import PhotoState, photo_state
from labeling.selectors.projects import current_stages
from labeling.services.adjudicate import agreement_with, photo_ask_anew
from labeling.services.consensus import annotations_that_count, consensus_withdraw, consensus_write, photo_locked
from labeling.services.entries import entry_locked


@transaction.atomic
def label_confirm(
    *, project: Project, photo_id: int, stage_id: int, by: User, note: str = "", grounds: dict[str, Any]
) -> Consensus:
    """Say that a photo shows what it is held to show: from now on it stands as settled by an adjudicator.

    Args:
        project: of the photo.
        photo_id: the photo.
        stage_id: the stage that was looked at.
        by: the adjudicator.
        note: what they write beside it.
        grounds: why it was looked at; kept with the word.

    Raises:
        NotFound: "photo_not_found".
        Conflict: "label_changed", the photo is held to show something else by now, or nothing.
    """
    photo, state, consensus = _settled_photo(project, photo_id, stage_id)
    stage = GrowthStage.objects.select_related("scale").get(pk=stage_id)
    _event_write(photo, state, by, AdjudicationEvent.Outcome.STAGE, stage, note, grounds)
    if consensus.is_gold or consensus.is_adjudicated:
        return consensus
    return _rule(photo, state, by, stage, note)


@transaction.atomic
def label_rule(
    *, project: Project, photo_id: int, stage_position: int | None, by: User, note: str = "", grounds: dict[str, Any]
) -> Consensus:
    """Say what a photo shows, whatever was said before: the adjudicator's word stands over the experts'.

    Safe to repeat: what an adjudicator has settled in the same way stays, without another word in the history.

    Args:
        project: of the photo.
        photo_id: the photo.
        stage_position: of the stage in the current scale; None says that the photo cannot be used.
        by: the adjudicator.
        note: what they write beside it.
        grounds: why it was looked at; kept with the word.

    Raises:
        NotFound: "photo_not_found".
        DomainError: "photo_not_ready" or "unknown_stage".
        Conflict: "photo_is_gold".
    """
    photo = photo_locked(photo_id=photo_id, project=project)
    if photo.status != Photo.Status.READY:
        raise refused("photo_not_ready")
    stage = None
    if stage_position is not None:
        stage = current_stages(project_id=project.pk).select_related("scale").filter(position=stage_position).first()
        if stage is None:
            raise refused("unknown_stage")
    state = photo_state(photo_id=photo.pk)
    if state.is_gold:
        raise Conflict("photo_is_gold", "The stage of this photo is known by decree; withdraw that first.")
    outcome = AdjudicationEvent.Outcome.UNUSABLE if stage is None else AdjudicationEvent.Outcome.STAGE
    before = state.consensus
    if before is not None and before.is_adjudicated and (before.outcome, before.stage) == (outcome, stage):
        return before
    _event_write(photo, state, by, outcome, stage, note, grounds)
    return _rule(photo, state, by, stage, note)


def _rule(photo: Photo, state: PhotoState, by: User, stage: GrowthStage | None, note: str) -> Consensus:
    """Settle a locked photo by an adjudicator's word."""
    settled = {
        "project_id": photo.project_id, "state": Adjudication.State.SETTLED, "settled_by": by,
        "settled_at": timezone.now(), "note": note.strip(),
    }  # fmt: skip
    Adjudication.objects.update_or_create(photo=photo, defaults=settled, create_defaults={**settled, "stage_gap": 0})
    annotations = annotations_that_count(photo=photo, state=state)
    outcome = "unusable" if stage is None else "stage"
    distribution = () if stage is None else tuple(one_hot(stage.position, n_stages=stage.scale.stages.count()))
    # Read again: an adjudication that was open is settled by now, and would else be taken for one to be closed.
    return consensus_write(
        photo=photo, state=photo_state(photo_id=photo.pk), entry=entry_locked(photo_id=photo.pk),
        settled=Settled(
            outcome, None if stage is None else stage.position, distribution, 1.0,
            agreement_with(annotations=annotations, outcome=outcome, stage=stage),
        ),
        stage=stage, n_annotations=len(annotations), is_adjudicated=True,
    )  # fmt: skip


@transaction.atomic
def label_send_back(
    *, project: Project, photo_id: int, stage_id: int, by: User, note: str = "", grounds: dict[str, Any]
) -> None:
    """Have a settled photo asked again in a new round: blind, for the model has learned what it was settled as.

    What an adjudicator settled before is asked again as well; the history keeps their word.

    Args:
        project: of the photo.
        photo_id: the photo.
        stage_id: the stage that was looked at.
        by: the adjudicator.
        note: what they write beside it.
        grounds: why it was looked at; kept with the word.

    Raises:
        NotFound: "photo_not_found".
        Conflict: "label_changed", or "photo_is_gold".
    """
    photo, state, consensus = _settled_photo(project, photo_id, stage_id)
    if consensus.is_gold:
        raise Conflict("photo_is_gold", "The stage of this photo is known by decree; withdraw that first.")
    _event_write(photo, state, by, AdjudicationEvent.Outcome.SEND_BACK, None, note, grounds)
    adjudication = state.adjudication or Adjudication(photo=photo, project=project, stage_gap=0)
    adjudication.settled_by, adjudication.settled_at, adjudication.note = by, None, note.strip()
    consensus_withdraw(consensus)
    photo_ask_anew(photo=photo, adjudication=adjudication, is_blind=True)


def _settled_photo(project: Project, photo_id: int, stage_id: int) -> tuple[Photo, PhotoState, Consensus]:
    photo = photo_locked(photo_id=photo_id, project=project)
    state = photo_state(photo_id=photo.pk)
    if state.consensus is None or state.consensus.stage_id != stage_id:
        raise Conflict("label_changed", "This photo is held to show something else by now.")
    return photo, state, state.consensus


def _event_write(
    photo: Photo,
    state: PhotoState,
    by: User,
    outcome: str,
    stage: GrowthStage | None,
    note: str,
    grounds: dict[str, Any],
) -> None:
    shown = {**adjudication_shown(photo_id=photo.pk, round_disputed=state.round), "second_look": grounds}
    if state.is_gold:
        shown["gold"] = "confirmed"  # experts are not told which photos measure them
    AdjudicationEvent.objects.create(
        photo=photo, project_id=photo.project_id, adjudicator=by, round=state.round, outcome=outcome, stage=stage,
        note=note.strip(), shown=shown,
    )  # fmt: skip
