"""Exports with photos: one ZIP with the photos, what is said of them, and the card.

A photo is written as its row comes; the tables grow in temporary files beside and follow at the end. So memory holds a
photo, the disk the tables, and a client sees bytes from the first row on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from labeling.domain.dataset import DatasetRow
from labeling.services.export_formats import tfrecords
from labeling.services.export_formats.contract import DatasetWriter
from labeling.services.export_formats.zip_stream import ZipStream

SPOOL_BYTES = 8 * 2**20
SHARD_BYTES = 64 * 2**20
TRAIN, TEST = "train", "test"


@dataclass
class Missing:
    """Photos that were left out because storage did not have them."""

    photo_ids: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Layout:
    """Where things lie in a bundle.

    Attributes:
        path_of: the path of a photo, by its suffix.
        table_of: the table that a row goes to.
        tables: those that are there even without a row.
    """

    path_of: Callable[[DatasetRow, str], str]
    table_of: Callable[[DatasetRow], str]
    tables: tuple[str, ...] = ()


def split_of(row: DatasetRow) -> str:
    """Held-out photos are for evaluation, wherever the data goes."""
    return TEST if row.photo.is_held_out else TRAIN


def table_bundle(
    rows: Iterable[tuple[DatasetRow, tuple[bytes, str] | None]],
    *,
    layout: Layout,
    writer: Callable[[], DatasetWriter],
    beside: Mapping[str, bytes],
    on_row: Callable[[DatasetRow], None],
    card: Callable[[], str],
    missing: Missing,
) -> Iterator[bytes]:
    """Photos in folders, tables that name them.

    Args:
        rows: each row with its photo; rows of one photo follow each other.
        layout: where things lie.
        writer: makes the writer of one table.
        beside: further files by name.
        on_row: told of each row that goes in.
        card: asked for the README once all rows are in.
        missing: gets the ids of photos left out.
    """
    archive, tables = ZipStream(), _Tables(writer, layout.tables)
    last_id, last_path = -1, ""
    for row, photo in rows:
        if photo is None:
            missing.photo_ids.add(row.photo.photo_id)
            continue
        data, suffix = photo
        if row.photo.photo_id != last_id:
            last_id, last_path = row.photo.photo_id, layout.path_of(row, suffix)
            archive.add(last_path, data)
        on_row(row)
        tables.add(layout.table_of(row), row._replace(path=last_path))
        if piece := archive.drain():
            yield piece
    for name, (spool, size) in tables.finished():
        yield from archive.add_file(name, spool, size, is_packed=not name.endswith(".parquet"))
        spool.close()
    yield from _ended(archive, {**beside, "README.md": card().encode()})


def record_bundle(
    rows: Iterable[tuple[DatasetRow, tuple[bytes, str] | None]],
    *,
    n_stages: int,
    on_row: Callable[[DatasetRow], None],
    card: Callable[[], str],
    missing: Missing,
) -> Iterator[bytes]:
    """TFRecord files of about ``SHARD_BYTES`` each, apart for training and evaluation; arguments as above."""
    archive = ZipStream()
    shards: dict[str, _Shard] = {}
    for row, photo in rows:
        if photo is None:
            missing.photo_ids.add(row.photo.photo_id)
            continue
        data, suffix = photo
        on_row(row)
        shard = shards.setdefault(split_of(row), _Shard())
        shard.add(tfrecords.framed(tfrecords.example(row, data, form=suffix, n_stages=n_stages)))
        if shard.size >= SHARD_BYTES:
            yield from shard.moved_to(archive, split_of(row))
    for split, shard in sorted(shards.items()):
        if shard.size:
            yield from shard.moved_to(archive, split)
    yield from _ended(archive, {"read.py": tfrecords.READING.encode(), "README.md": card().encode()})


def _ended(archive: ZipStream, files: Mapping[str, bytes]) -> Iterator[bytes]:
    for name, data in files.items():
        archive.add(name, data, is_packed=True)
    archive.close()
    yield archive.drain()


class _Tables:
    """Tables being written to temporary files."""

    def __init__(self, writer: Callable[[], DatasetWriter], names: Iterable[str]) -> None:
        self._make = writer
        self._open: dict[str, tuple[DatasetWriter, Any]] = {}
        for name in names:
            self._begin(name)

    def add(self, name: str, row: DatasetRow) -> None:
        if name not in self._open:
            self._begin(name)
        writer, spool = self._open[name]
        spool.write(writer.add(row))

    def _begin(self, name: str) -> None:
        writer, spool = self._make(), tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115
        spool.write(writer.begin())
        self._open[name] = writer, spool

    def finished(self) -> Iterator[tuple[str, tuple[Any, int]]]:
        """Name, file (at its start) and size of each table."""
        for name, (writer, spool) in sorted(self._open.items()):
            for piece in writer.finish():
                spool.write(piece)
            size = spool.tell()
            spool.seek(0)
            yield name, (spool, size)


class _Shard:
    """The records of one file to come."""

    def __init__(self) -> None:
        self._number = 0
        self._begin()

    def add(self, record: bytes) -> None:
        self._spool.write(record)
        self.size += len(record)

    def moved_to(self, archive: ZipStream, split: str) -> Iterator[bytes]:
        self._spool.seek(0)
        yield from archive.add_file(f"{split}-{self._number:05}.tfrecord", self._spool, self.size)
        self._spool.close()
        self._number += 1
        self._begin()

    def _begin(self) -> None:
        self._spool: Any = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115
        self.size = 0
