"""From whom the machine's word about a photo is kept."""

from __future__ import annotations

from labeling.models import Annotation, Photo, QueueEntry, User
from labeling.selectors.adjudications import current_round


def is_blind_to(*, photo: Photo, reader: User) -> bool:
    """Whether the photo is asked blind and the reader has not decided in this round."""
    if not QueueEntry.objects.filter(photo=photo, is_blind=True).exists():
        return False
    asked_round = current_round(photo_id=photo.pk)
    return not Annotation.objects.standing().filter(photo=photo, annotator=reader, round=asked_round).exists()
