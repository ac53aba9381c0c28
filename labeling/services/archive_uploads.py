"""Large files come in chunks: what has arrived stays, and the sender goes on behind it, even days later."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone

from labeling.domain.errors import Conflict, DomainError
from labeling.models import ArchiveUpload, Project, User
from labeling.services.import_archives import archive_refuse_size
from labeling.services.stored_bytes import bytes_range
from labeling.storage_keys import upload_key

CHUNK_BYTES = 8 * 2**20
"""Lost at most when a connection breaks, and held in memory; twelve a second would be a gigabit line."""
MOST_AT_ONCE = 5
KEPT_FOR = timedelta(days=3)
"""After the last chunk: over a weekend."""


def upload_open(*, project: Project, user: User, name: str, size: int, fingerprint: str) -> tuple[ArchiveUpload, bool]:
    """Begin to send a file, or find what has arrived of it; says whether it is new.

    Raises:
        DomainError: ``too_large``.
        Conflict: ``uploads_too_many``, the person has others under way.
    """
    archive_refuse_size(size)
    mine = ArchiveUpload.objects.filter(project=project, created_by=user)
    known = mine.filter(fingerprint=fingerprint).first()
    if known is not None and known.size == size:
        return known, False
    if known is not None:
        upload_drop(upload=known)
    if mine.count() >= MOST_AT_ONCE:
        raise Conflict("uploads_too_many", "Finish or discard one of the files that you have begun to send.")
    return mine.get_or_create(
        project=project,
        created_by=user,
        fingerprint=fingerprint,
        defaults={
            "name": name.strip()[:200],
            "size": size,
            "chunk_bytes": CHUNK_BYTES,
            "touched_at": timezone.now(),
        },
    )


def upload_chunk_keep(*, upload: ArchiveUpload, index: int, chunk: BinaryIO) -> ArchiveUpload:
    """Store the next chunk, then count it; one that was counted before is not looked at again.

    Raises:
        Conflict: ``chunk_early``, those before it are not there; the answer's state says which is next.
        DomainError: ``chunk_length``, it has not the bytes it must have.
    """
    if index < upload.n_chunks:
        return upload
    wanted = min(upload.chunk_bytes, upload.size - index * upload.chunk_bytes)
    if index > upload.n_chunks or wanted <= 0:
        raise Conflict("chunk_early", f"Chunk {upload.n_chunks} is next.")
    data = chunk.read(wanted + 1)
    if len(data) != wanted:
        raise DomainError("chunk_length", f"Chunk {index} must have {wanted} bytes.")
    default_storage.save(upload_key(upload.pk, index), ContentFile(data))
    # Two tabs may send the same chunk of the same file: it is counted once.
    counted = ArchiveUpload.objects.filter(pk=upload.pk, n_chunks=index)
    counted.update(n_chunks=F("n_chunks") + 1, touched_at=timezone.now())
    upload.refresh_from_db(fields=["n_chunks", "touched_at"])
    return upload


@contextmanager
def upload_opened(upload: ArchiveUpload) -> Iterator[BinaryIO]:
    """The whole file, to read; nothing is put together before.

    Raises:
        Conflict: ``upload_unfinished``.
    """
    if not upload.is_whole:
        raise Conflict("upload_unfinished", "The file has not arrived whole.")
    with io.BufferedReader(_Chunks(upload), buffer_size=2**20) as opened:
        yield opened


def upload_drop(*, upload: ArchiveUpload) -> None:
    """Forget a file and its chunks, one that a dying sender stored without counting it included."""
    for index in range(upload.n_chunks + 1):
        default_storage.delete(upload_key(upload.pk, index))
    ArchiveUpload.objects.filter(pk=upload.pk).delete()


def uploads_expire() -> int:
    """Drop files that nobody has gone on with; returns how many."""
    old = list(ArchiveUpload.objects.filter(touched_at__lt=timezone.now() - KEPT_FOR))
    for upload in old:
        upload_drop(upload=upload)
    return len(old)


class _Chunks(io.RawIOBase):
    """Chunks in storage, read as one file from any place: a ZIP's directory is at its end."""

    def __init__(self, upload: ArchiveUpload) -> None:
        self._upload = upload
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._upload.size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, "before the start of the file")  # as a file does: readers of ZIPs rely on it
        self._at = base + offset
        return self._at

    def readinto(self, buffer: object) -> int:
        index, start = divmod(self._at, self._upload.chunk_bytes)
        end = min(self._upload.chunk_bytes, self._upload.size - index * self._upload.chunk_bytes)
        stop = min(start + len(buffer), end)  # type: ignore[arg-type]
        if stop <= start:
            return 0
        data = b"".join(bytes_range(key=upload_key(self._upload.pk, index), start=start, stop=stop))
        buffer[: len(data)] = data  # type: ignore[index]
        self._at += len(data)
        return len(data)
