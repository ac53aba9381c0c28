"""Numbers of many photos, from this machine's ``RowStore``; what it lacks is read from the database once."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import connection

from classifier.row_store import Ids, Numbers, RowStore

PORTION = 20_000
"""Photos of one question: 10 MB of vectors."""
UNUSED_SECONDS = 7 * 86_400.0

Fetch = Callable[[Ids], tuple[Ids, Numbers]]


@dataclass(frozen=True)
class PhotoRows:
    """``photo_ids`` (n,) ascending and ``values`` (n, width), a row each; (0, 0) when there is none."""

    photo_ids: Ids
    values: Numbers

    def rows_of(self, photo_ids: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Row of each photo, -1 for those without one."""
        wanted = np.asarray(photo_ids, dtype=np.int64)
        if len(self.photo_ids) == 0:
            return np.full(wanted.shape, -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.photo_ids, wanted), len(self.photo_ids) - 1)
        return np.where(self.photo_ids[places] == wanted, places, -1)


def photo_rows(*, name: Sequence[str], dtype: npt.DTypeLike, photo_ids: Ids, fetch: Fetch) -> PhotoRows:
    """Everything stored under ``name``, with the rows of ``photo_ids`` among it as far as they exist.

    Args:
        name: what the numbers are: what is stored under it for a photo never changes.
        dtype: of the numbers as kept.
        photo_ids: (n,) whose rows are wanted.
        fetch: reads the rows of some photos from the database: ids, each once, and values.
    """
    folder = _folder(name)
    store = RowStore(folder, dtype)
    found = PhotoRows(*store.read())
    missing = photo_ids[found.rows_of(photo_ids) < 0]
    if len(missing) == 0:
        return found
    if not folder.exists():
        _forget_unused(folder.parent.parent)
    for start in range(0, len(missing), PORTION):
        store.append(*fetch(missing[start : start + PORTION]))
    return PhotoRows(*store.read())


def _folder(name: Sequence[str]) -> Path:
    digest = hashlib.sha256("\n".join(name).encode()).hexdigest()[:24]
    folder = Path(settings.VAR_DIR) / "rows" / _database_identity() / digest
    if folder.exists():
        (folder / "lock").touch()  # its age tells when it was last used
    return folder


def _database_identity() -> str:
    """One database of one server: a restored or recreated one has other photos under the same ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select system_identifier from pg_control_system()), oid from pg_database "
            "where datname = current_database()"
        )
        row: tuple[Any, ...] | None = cursor.fetchone()
    assert row is not None
    return f"{row[0]}-{row[1]}"


def _forget_unused(root: Path) -> None:
    """Delete what nobody has read for a week: rows of retired versions, of spaces and databases that are gone."""
    for lock in root.glob("*/*/lock"):
        if time.time() - lock.stat().st_mtime > UNUSED_SECONDS:
            shutil.rmtree(lock.parent, ignore_errors=True)
