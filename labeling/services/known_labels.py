"""Labels that come with photos: gold, prior annotations by a named source, or hidden for simulation.

A label is a statement about a photo and is written at once, whether or not the photo has been processed. What follows
from it (a consensus, the pool, training) needs a READY photo. So two things must have happened, in either order: the
statement was written and the photo became READY. Whichever comes second, under the photo's row lock, calls
:func:`known_labels_settle`; before that it does nothing, and calling it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from labeling.models import Annotation, GrowthStage, ImportBatch, KnownLabel, Photo
from labeling.services.consensus import consensus_update, photo_locked
from labeling.services.consensus_many import consensus_update_many
from labeling.services.label_book import LabelBook, StatedLabel, label_book


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
    book = label_book(photo_ids=[photo.pk], label_use=label_use, source=source)
    book.state(photo.pk, labels)
    book.write()
    known_labels_settle(photo=photo)


def known_labels_write_many(*, photos: Sequence[Photo], book: LabelBook) -> None:
    """Write what a book took about photos whose rows the caller holds locked, and draw what follows."""
    touched = book.write()
    consensus_update_many(photos=[it for it in photos if it.pk in touched and it.status == Photo.Status.READY])


def known_labels_settle(*, photo: Photo) -> None:
    """Draw what follows from the labels that came with a READY photo; the caller holds the photo's row lock."""
    if photo.status != Photo.Status.READY:
        return
    is_gold = KnownLabel.objects.filter(photo=photo, kind=KnownLabel.Kind.GOLD).exists()
    if is_gold or photo.annotations.standing().exists():
        consensus_update(photo_id=photo.pk)
