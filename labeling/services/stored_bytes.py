"""Content-addressed bytes in storage: the key is a function of the content, so writing twice is writing once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def bytes_keep(*, key: str, data: bytes) -> None:
    """Make sure that ``key`` holds ``data``.

    Storage holds whole objects or none, and two writers of one key write the same bytes. An object of another length,
    as a disk that failed may leave, is written anew.
    """
    if not default_storage.exists(key) or default_storage.size(key) != len(data):
        default_storage.save(key, ContentFile(data))


def bytes_keep_not(*, key: str, data: bytes) -> None:
    """In place of :func:`bytes_keep` where nothing is to be written."""


def bytes_range(*, key: str, start: int, stop: int) -> Iterator[bytes]:
    """Bytes ``start`` to ``stop`` (not included) under ``key``, in pieces; nothing else is read from storage.

    Raises:
        FileNotFoundError: if there are none.
    """
    storage: Any = default_storage  # both of our storages have it, see config/
    pieces: Iterator[bytes] = storage.read_range(key, start, stop)
    return pieces


def bytes_read(*, key: str) -> bytes:
    """All bytes under ``key``.

    Raises:
        FileNotFoundError: if there are none.
    """
    with default_storage.open(key, "rb") as stored:
        return stored.read()
