"""The contract of a format: rows in, bytes out, in memory that does not grow with the number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from labeling.domain.dataset import DatasetRow

CHUNK_BYTES = 64 * 1024


class DatasetWriter(Protocol):
    """One file being written. Rows of one photo come one after the other, photos in order of their id."""

    def begin(self) -> bytes:
        """What comes before the first row."""
        ...

    def add(self, row: DatasetRow) -> bytes:
        """What follows once ``row`` is known; may be empty, or belong to an earlier row."""
        ...

    def finish(self) -> Iterator[bytes]:
        """What comes after the last row. Temporary files are gone when it is through."""
        ...


def written(writer: DatasetWriter, rows: Iterable[DatasetRow]) -> Iterator[bytes]:
    """The whole file. The beginning is yielded at once, so that a client sees something come; then full chunks."""
    held = [writer.begin()]
    if held[0]:
        yield held.pop()
    size = sum(map(len, held))
    for row in rows:
        piece = writer.add(row)
        held.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)
    yield from (piece for piece in writer.finish() if piece)
