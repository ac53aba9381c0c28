"""Uploaded archives and tables: kept under their hash while an import needs them, and a day after a dry run."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import timedelta
from typing import BinaryIO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from labeling.domain.errors import DomainError
from labeling.models import ImportBatch
from labeling.services.import_formats.detection import HEAD, kind_of_table
from labeling.storage_keys import archive_key

MAX_ARCHIVE_BYTES = 8 * 2**30
REHEARSED_FOR = timedelta(days=1)


def archive_keep(archive: BinaryIO) -> str:
    """Store an uploaded ZIP or table under its hash, without holding it in memory; returns its key.

    Raises:
        DomainError: ``zip_damaged``, if it is neither, or ``too_large``.
    """
    if not _is_readable(archive):
        raise DomainError("zip_damaged", "This file is not a ZIP archive.", {"archive": ["Not a ZIP archive."]})
    archive.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := archive.read(2**20):
        digest.update(chunk)
        size += len(chunk)
        archive_refuse_size(size)
    archive.seek(0)
    key = archive_key(digest.hexdigest())
    if not default_storage.exists(key) or default_storage.size(key) != size:
        default_storage.save(key, File(archive))
    return key


def archive_refuse_size(size: int) -> None:
    """Refuse an archive of so many bytes, if that is too much.

    Raises:
        DomainError: ``too_large``.
    """
    if size > MAX_ARCHIVE_BYTES:
        raise DomainError("too_large", f"The archive is larger than {MAX_ARCHIVE_BYTES >> 30} GB.")


def archive_drop(*, batch: ImportBatch) -> None:
    """Delete the archive of an import, unless another one still needs it."""
    unfinished = Q(state__in=[ImportBatch.State.PENDING, ImportBatch.State.RUNNING])
    rehearsed = Q(is_dry_run=True, state=ImportBatch.State.DONE)
    key, batch.archive = batch.archive, ""
    ImportBatch.objects.filter(pk=batch.pk).update(archive="")
    if key and not ImportBatch.objects.filter(unfinished | rehearsed, archive=key).exists():
        default_storage.delete(key)


def archives_expire() -> int:
    """Drop what dry runs have kept for long enough, and what imports left that failed or were cancelled.

    Returns:
        How many.
    """
    old = ImportBatch.objects.filter(finished_at__lt=timezone.now() - REHEARSED_FOR).exclude(archive="")
    batches = list(old)
    for batch in batches:
        archive_drop(batch=batch)
    return len(batches)


def _is_readable(archive: BinaryIO) -> bool:
    archive.seek(0)
    if zipfile.is_zipfile(archive):
        return True
    archive.seek(0)
    return bool(kind_of_table(archive.read(HEAD)))
