"""Stages known by decree: declared and withdrawn by an adjudicator.

Both are written down as events of adjudication, so that the history tells who decreed what and when; ``shown`` marks
them: experts are not told which photos measure them.
"""

from __future__ import annotations

from django.db import transaction

from labeling.domain.errors import DomainError, NotFound
from labeling.models import AdjudicationEvent, GrowthStage, KnownLabel, Photo, Project, QueueEntry, User
from labeling.selectors.adjudications import current_round
from labeling.selectors.projects import current_stages
from labeling.services.consensus import consensus_update, gold_set, photo_locked
from labeling.services.entries import entry_locked
from labeling.services.scale_use import scale_in_use_held


@transaction.atomic
def gold_declare(
    *, project: Project, photo_id: int, stage_position: int, by: User, scale_id: int | None = None
) -> None:
    """Declare what a photo shows. It decides alone from now on, and measures experts.

    Safe to repeat: the same stage once more changes nothing.

    Raises:
        NotFound: "photo_not_found".
        DomainError: "photo_not_ready" or "unknown_stage".
        Conflict: "scale_changed", the position is one of another scale than the one in use.
    """
    scale_in_use_held(project_id=project.pk, scale_id=scale_id)
    photo = photo_locked(photo_id=photo_id, project=project)
    if photo.status != Photo.Status.READY:
        raise DomainError("photo_not_ready", "This photo is not ready to be reviewed.")
    stage = current_stages(project_id=project.pk).filter(position=stage_position).first()
    if stage is None:
        raise DomainError("unknown_stage", "The scale has no such stage.", {"stage": ["Not in the scale."]})
    if KnownLabel.objects.filter(photo=photo, kind=KnownLabel.Kind.GOLD, stage=stage).exists():
        return
    gold_set(photo_id=photo.pk, stage=stage)
    _event_write(photo, by, "declared", stage)


@transaction.atomic
def gold_withdraw(*, project: Project, photo_id: int, by: User) -> None:
    """Withdraw the decree: the photo is what its annotations say, those given to the gold check among them.

    Raises:
        NotFound: "photo_not_found" or "gold_not_found".
    """
    photo = photo_locked(photo_id=photo_id, project=project)
    n_deleted, _ = KnownLabel.objects.filter(photo=photo, kind=KnownLabel.Kind.GOLD).delete()
    if n_deleted == 0:
        raise NotFound("gold_not_found", "No stage was declared for this photo.")
    entry = entry_locked(photo_id=photo.pk)
    if entry is not None and entry.reason == QueueEntry.Reason.GOLD:
        entry.delete()
    consensus_update(photo_id=photo.pk)
    _event_write(photo, by, "withdrawn", None)


def _event_write(photo: Photo, by: User, what: str, stage: GrowthStage | None) -> None:
    outcome = AdjudicationEvent.Outcome.SEND_BACK if stage is None else AdjudicationEvent.Outcome.STAGE
    AdjudicationEvent.objects.create(
        photo=photo,
        project_id=photo.project_id,
        adjudicator=by,
        round=current_round(photo_id=photo.pk),
        outcome=outcome,
        stage=stage,
        shown={"gold": what},
    )
