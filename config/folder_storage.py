"""A folder that behaves like a bucket: a key holds a whole object or none, and saving again replaces it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import FileSystemStorage

PART = ".part"
PIECE_BYTES = 256 * 1024


class FolderStorage(FileSystemStorage):
    """Django's folder storage, with objects that appear by one rename once their bytes are on the disk.

    Django writes under the final name at once, so that a reader (or a second writer of the same key) meets half a file,
    and invents another name where one is taken. Both differ from what a bucket does, which the callers are written for.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: what was there is replaced."""
        return name

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Folders and whole objects; not what is being written, or was when a writer died."""
        folders, files = super().listdir(path)
        return folders, [name for name in files if not name.endswith(PART)]

    def read_range(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """Bytes ``start`` to ``stop`` (not included) of an object, in pieces. It is opened at once, or not found."""
        source = Path(self.path(name)).open("rb")  # noqa: SIM115 - closed when the pieces are through
        source.seek(start)
        return _pieces(source, stop - start)

    def _save(self, name: str, content: File[Any]) -> str:
        final = Path(self.path(name))
        final.parent.mkdir(parents=True, exist_ok=True)
        part = final.with_name(f"{uuid4().hex}{PART}")
        try:
            with part.open("xb") as sink:
                _copy(content, sink)
                sink.flush()
                os.fsync(sink.fileno())
            part.replace(final)
        finally:
            part.unlink(missing_ok=True)
        return name


def _pieces(source: IO[bytes], left: int) -> Iterator[bytes]:
    with source:
        while left > 0 and (piece := source.read(min(left, PIECE_BYTES))):
            left -= len(piece)
            yield piece


def _copy(content: File[Any], sink: IO[bytes]) -> None:
    for chunk in content.chunks():
        sink.write(chunk.encode() if isinstance(chunk, str) else chunk)
