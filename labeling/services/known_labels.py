"""Labels that come with photos: gold, prior annotations by a named source, or hidden for simulation.

A label is a statement about a photo and is written at once, whether or not the photo has been processed. What follows
from it (a consensus, the pool, training) needs a READY photo. So two things must have happened, in either order: the
statement was written and the photo became READY. Whichever comes second, under the photo's row lock, calls
:func:`known_labels_settle`; before that it does nothing, and calling it again changes nothing.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from labeling.domain.errors import Conflict
from labeling.models import Annotation, GrowthStage, ImportBatch, KnownLabel, Photo
from labeling.services.consensus import consensus_update, photo_locked


@transaction.atomic
def known_label_state(*, photo_id: int, stage: GrowthStage, label_use: str, source: str = "") -> None:
    """Write down that ``stage`` is known for a photo, in the way ``label_use`` says, and draw what follows.

    Safe to repeat with the same stage.

    Raises:
        Conflict: another stage was stated before in the same way (``label_conflict``); that one stays.
    """
    if label_use == ImportBatch.LabelUse.NONE:
        return
    photo = photo_locked(photo_id=photo_id)
    if label_use == ImportBatch.LabelUse.PRIOR:
        _state_prior(photo, stage, source)
    else:
        _state_known(photo, stage, KnownLabel.Kind(label_use))
    known_labels_settle(photo=photo)


def known_labels_settle(*, photo: Photo) -> None:
    """Draw what follows from the labels that came with a READY photo; the caller holds the photo's row lock."""
    if photo.status != Photo.Status.READY:
        return
    is_gold = KnownLabel.objects.filter(photo=photo, kind=KnownLabel.Kind.GOLD).exists()
    if is_gold or photo.annotations.standing().exists():
        consensus_update(photo_id=photo.pk)


def _state_known(photo: Photo, stage: GrowthStage, kind: KnownLabel.Kind) -> None:
    known, is_new = KnownLabel.objects.get_or_create(photo=photo, defaults={"stage": stage, "kind": kind})
    if is_new:
        return
    if known.stage_id != stage.pk:
        raise Conflict("label_conflict", f"The photo is already known to show {known.stage.slug}.")
    if kind == KnownLabel.Kind.GOLD and known.kind != kind:
        known.kind = kind  # a hidden label may be made gold; never the other way round
        known.save(update_fields=["kind"])


def _state_prior(photo: Photo, stage: GrowthStage, source: str) -> None:
    given = photo.annotations.standing().filter(source=source, annotator=None).select_related("stage").first()
    if given is None:
        Annotation.objects.create(
            photo=photo,
            source=source,
            kind=Annotation.Kind.STAGE,
            stage=stage,
            mode=Annotation.Mode.IMPORT,
            decided_at=timezone.now(),
        )
    elif given.stage_id != stage.pk:
        raise Conflict("label_conflict", f"{source} has already called this photo {given.stage}.")
