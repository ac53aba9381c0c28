"""The end of a photo's bytes."""

from __future__ import annotations

from django.core.files.storage import default_storage

from labeling.models import Photo
from labeling.services.stored_bytes import bytes_keep, bytes_read
from labeling.storage_keys import RENDITION_NAMES, original_key, rendition_key


def photo_bytes_erase(*, sha256: str) -> bool:
    """Delete original and renditions of the photo with this hash, unless a photo of any project has it.

    Call it after the row is gone for good. A sender of the same bytes may come between: their row is looked for once
    more after the deletion, and then the bytes are put back. (``photo_receive`` looks after its row is there, so one of
    the two sees the other.)

    Returns:
        Whether the bytes are gone.
    """
    if _is_wanted(sha256):
        return False
    kept = {}
    for key in (original_key(sha256), *(rendition_key(sha256, name) for name in RENDITION_NAMES)):
        try:
            kept[key] = bytes_read(key=key)
        except FileNotFoundError:
            continue
        default_storage.delete(key)
    if not _is_wanted(sha256):
        return True
    for key, data in kept.items():
        bytes_keep(key=key, data=data)
    return False


def _is_wanted(sha256: str) -> bool:
    return Photo.objects.filter(sha256=sha256).exists()
