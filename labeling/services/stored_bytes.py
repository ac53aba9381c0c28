"""Content-addressed bytes in storage: the key is a function of the content, so writing twice is writing once."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def bytes_keep(*, key: str, data: bytes) -> None:
    """Make sure that ``key`` holds ``data``.

    A folder may hold a file cut short by a crash under its final name (buckets write whole objects or none): one of
    another length is written anew. Two writers of the same key write the same bytes; when storage gives the second
    one another name, that copy is dropped.
    """
    if default_storage.exists(key):
        if default_storage.size(key) == len(data):
            return
        default_storage.delete(key)
    name = default_storage.save(key, ContentFile(data))
    if name != key:
        default_storage.delete(name)


def bytes_read(*, key: str) -> bytes:
    """All bytes under ``key``.

    Raises:
        FileNotFoundError: if there are none.
    """
    with default_storage.open(key, "rb") as stored:
        return stored.read()
