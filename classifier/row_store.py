"""Rows of numbers under photo ids, kept in a folder of this machine and read by memory map.

A cache: whatever it holds can be read from the database again. What is stored under an id never changes, so rows are
only ever appended: first the numbers, flushed to disk, and only then the ids that make them count. A process that dies
in between leaves numbers without ids, which the next append cuts off; readers go by the ids and never see them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Numbers = npt.NDArray[Any]


class RowStore:
    """Rows of one width.

    Args:
        folder: where they are; made by the first append. Everything in it belongs to the store.
        dtype: of the numbers; always the same for a folder.
    """

    def __init__(self, folder: Path, dtype: npt.DTypeLike) -> None:
        self._folder = folder
        self._dtype = np.dtype(dtype)

    def read(self) -> tuple[Ids, Numbers]:
        """Ids ascending (n,) and their rows (n, width); (0, 0) for an empty store.

        The rows are a view of the file, copied only where ids did not arrive in ascending order.
        """
        ids, width = self._ids(), self._width()
        if len(ids) == 0:
            return ids, np.empty((0, 0), self._dtype)
        values: Numbers = np.memmap(self._folder / "values", self._dtype, "r", shape=(len(ids), width))
        if (ids[1:] > ids[:-1]).all():
            return ids, values
        order = np.argsort(ids, kind="stable")
        return ids[order], values[order]

    def append(self, ids: Ids, values: Numbers) -> None:
        """Add rows; those whose id is there already are left out.

        Args:
            ids: (n,), each once.
            values: (n, width).

        Raises:
            ValueError: ``values`` do not fit the ids, or the rows that are there.
        """
        if values.ndim != 2 or len(values) != len(ids):
            raise ValueError(f"{len(ids)} ids and values of shape {values.shape}")
        if len(ids) == 0:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            known = self._ids()
            if len(known) and self._width() != values.shape[1]:
                raise ValueError(f"rows of {self._width()} numbers cannot be followed by rows of {values.shape[1]}")
            (self._folder / "width").write_text(str(values.shape[1]))
            is_new = ~np.isin(ids, known)
            row_bytes = values.shape[1] * self._dtype.itemsize
            fresh = np.ascontiguousarray(values[is_new], self._dtype)
            _write_at(self._folder / "values", len(known) * row_bytes, fresh)
            _write_at(self._folder / "ids", len(known) * 8, np.ascontiguousarray(ids[is_new], np.int64))

    def _ids(self) -> Ids:
        path = self._folder / "ids"
        size = path.stat().st_size // 8 if path.exists() else 0
        return np.fromfile(path, np.int64, size) if size else np.empty(0, np.int64)

    def _width(self) -> int:
        path = self._folder / "width"
        return int(path.read_text()) if path.exists() else 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # given back when the file closes, however the process ends
            yield


def _write_at(path: Path, start: int, rows: Numbers) -> None:
    """Put rows at ``start``, dropping what an interrupted append left behind it."""
    path.touch()
    with path.open("r+b") as file:
        file.truncate(start)
        file.seek(start)
        file.write(rows.data)
        file.flush()
        os.fsync(file.fileno())
