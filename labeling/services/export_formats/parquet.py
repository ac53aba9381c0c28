"""Rows as Parquet, by Apache Arrow: typed columns that data frames and query engines read.

``pyarrow`` is the reference implementation; what looks smaller (fastparquet) needs pandas, which is not. It is imported
when a file is written, so web processes never load it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from labeling.domain.dataset import COLUMNS, DatasetHeader, DatasetRow, cells

GROUP_ROWS = 5_000
_FLOATS = {"quality", "agreement", "suggestion_confidence", "latitude", "longitude"}
_INTEGERS = {"photo_id", "width", "height", "stage_position", "lead_time_ms", "n_annotations"}
_FLAGS = {"is_held_out", "is_blind", "is_gold", "is_adjudicated"}
_TIMES = {"taken_at", "decided_at"}


class ParquetWriter:
    """Row groups of ``GROUP_ROWS``; times as UTC timestamps, the stages of the scale in the file's metadata."""

    def __init__(self, header: DatasetHeader, *, has_photos: bool = False) -> None:
        self._columns = ("path", *COLUMNS) if has_photos else COLUMNS
        self._header = header
        self._sink = io.BytesIO()
        self._held: list[tuple[Any, ...]] = []
        self._schema: Any = None
        self._file: Any = None

    def begin(self) -> bytes:
        import pyarrow.parquet as pq  # noqa: PLC0415 - tens of megabytes that only this format needs

        self._schema = _schema(self._columns, self._header)
        self._file = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
        return self._drained()

    def add(self, row: DatasetRow) -> bytes:
        values = cells(row)
        self._held.append((row.path, *values) if self._columns[0] == "path" else values)
        if len(self._held) < GROUP_ROWS:
            return b""
        self._write_group()
        return self._drained()

    def finish(self) -> Iterator[bytes]:
        if self._held:
            self._write_group()
        self._file.close()
        yield self._drained()

    def _write_group(self) -> None:
        import pyarrow as pa  # noqa: PLC0415

        columns = []
        for name, values in zip(self._columns, zip(*self._held, strict=True), strict=True):
            kind = self._schema.field(name).type
            column = _moments(values) if name in _TIMES else list(values)
            columns.append(pa.array(column, type=kind))
        self._file.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        self._held.clear()

    def _drained(self) -> bytes:
        """What Arrow wrote since the last call; the writer goes on counting from its own offset."""
        data = self._sink.getvalue()
        self._sink.seek(0)
        self._sink.truncate()
        return data


def _schema(columns: tuple[str, ...], header: DatasetHeader) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    kinds = {
        **dict.fromkeys(_FLOATS, pa.float64()),
        **dict.fromkeys(_INTEGERS, pa.int64()),
        **dict.fromkeys(_FLAGS, pa.bool_()),
        **dict.fromkeys(_TIMES, pa.timestamp("us", tz="UTC")),
        "distribution": pa.list_(pa.float64()),
    }
    scale = json.dumps([stage._asdict() for stage in header.stages], ensure_ascii=False)
    return pa.schema([(name, kinds.get(name, pa.string())) for name in columns], metadata={"stages": scale})


def _moments(values: tuple[str, ...]) -> list[Any]:
    return [datetime.fromisoformat(value).astimezone(UTC) if value else None for value in values]
