"""Labels that come with photos: gold, prior annotations by a named source, or hidden for simulation.

A label is a statement about a photo and is written at once, whether or not the photo has been processed. What follows
from it (a consensus, the pool, training) needs a READY photo. So two things must have happened, in either order: the
statement was written and the photo became READY. Whichever comes second, under the photo's row lock, calls
:func:`known_labels_settle`; before that it does nothing, and calling it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from labeling.domain.errors import Conflict, DomainError
from labeling.models import Annotation, GrowthStage, ImportBatch, KnownLabel, Photo
from labeling.selectors.adjudications import current_round
from labeling.services.consensus import consensus_update, photo_locked


@dataclass(frozen=True)
class StatedLabel:
    """What somebody said about a photo, in terms of the scale. ``source`` is "" where the import names the source."""

    kind: str
    stage: GrowthStage | None = None
    stage_upper: GrowthStage | None = None
    source: str = ""
    reason: str = ""
    note: str = ""
    decided_at: datetime | None = None
    is_gold: bool = False


def known_label_state(*, photo_id: int, stage: GrowthStage, label_use: str, source: str = "") -> None:
    """Write down that ``stage`` is known for a photo; see :func:`known_labels_state`."""
    label = StatedLabel(Annotation.Kind.STAGE, stage)
    known_labels_state(photo_id=photo_id, labels=[label], label_use=label_use, source=source)


@transaction.atomic
def known_labels_state(*, photo_id: int, labels: Sequence[StatedLabel], label_use: str, source: str = "") -> None:
    """Write down what is known for a photo, in the way ``label_use`` says, and draw what follows.

    Prior annotations are kept each by its source. Gold and hidden labels are one stage per photo: that of the labels
    called gold, or of all if none is. Safe to repeat with the same labels.

    Args:
        photo_id: of the photo.
        labels: what was said; nothing is written for none.
        label_use: one of ``ImportBatch.LabelUse``.
        source: of labels that name none.

    Raises:
        Conflict: something else was stated before in the same way (``label_conflict``); that stays.
        DomainError: ``label_not_a_stage`` or ``label_ambiguous``, for gold and hidden labels.
    """
    if label_use == ImportBatch.LabelUse.NONE or not labels:
        return
    photo = photo_locked(photo_id=photo_id)
    if label_use == ImportBatch.LabelUse.PRIOR:
        for label in labels:
            _state_prior(photo, label, label.source or source)
    else:
        _state_known(photo, _the_stage(labels), KnownLabel.Kind(label_use))
    known_labels_settle(photo=photo)


def known_labels_settle(*, photo: Photo) -> None:
    """Draw what follows from the labels that came with a READY photo; the caller holds the photo's row lock."""
    if photo.status != Photo.Status.READY:
        return
    is_gold = KnownLabel.objects.filter(photo=photo, kind=KnownLabel.Kind.GOLD).exists()
    if is_gold or photo.annotations.standing().exists():
        consensus_update(photo_id=photo.pk)


def _the_stage(labels: Sequence[StatedLabel]) -> GrowthStage:
    counted = [label for label in labels if label.is_gold] or labels
    stages = {label.stage for label in counted if label.kind == Annotation.Kind.STAGE and label.stage is not None}
    if len(stages) > 1:
        raise DomainError("label_ambiguous", "The labels of this photo name several stages.")
    if not stages or any(label.kind != Annotation.Kind.STAGE for label in counted):
        raise DomainError("label_not_a_stage", "A label that is held to be right must be one stage.")
    return stages.pop()


def _state_known(photo: Photo, stage: GrowthStage, kind: KnownLabel.Kind) -> None:
    known, is_new = KnownLabel.objects.get_or_create(photo=photo, defaults={"stage": stage, "kind": kind})
    if is_new:
        return
    if known.stage_id != stage.pk:
        raise Conflict("label_conflict", f"The photo is already known to show {known.stage.slug}.")
    if kind == KnownLabel.Kind.GOLD and known.kind != kind:
        known.kind = kind  # a hidden label may be made gold; never the other way round
        known.save(update_fields=["kind"])


def _state_prior(photo: Photo, label: StatedLabel, source: str) -> None:
    given = photo.annotations.standing().filter(source=source, annotator=None).first()
    if given is None:
        now = timezone.now()
        Annotation.objects.create(
            photo=photo,
            source=source,
            round=current_round(photo_id=photo.pk),
            kind=label.kind,
            stage=label.stage,
            stage_upper=label.stage_upper,
            reason=label.reason,
            note=label.note,
            mode=Annotation.Mode.IMPORT,
            decided_at=min(label.decided_at or now, now),
        )
    elif _content(given) != (label.kind, _pk(label.stage), _pk(label.stage_upper), label.reason):
        raise Conflict("label_conflict", f"{source} has already said something else of this photo.")


def _content(annotation: Annotation) -> tuple[str, int | None, int | None, str]:
    return annotation.kind, annotation.stage_id, annotation.stage_upper_id, annotation.reason


def _pk(stage: GrowthStage | None) -> int | None:
    return stage.pk if stage else None
