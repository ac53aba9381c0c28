"""Rows as CSV (for spreadsheets) and JSON Lines (for programs)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labeling.domain.dataset import COLUMNS, DatasetHeader, DatasetRow, cells, json_line
from labeling.domain.spreadsheet_cells import neutral
from labeling.services.export_formats.csv_lines import BYTE_ORDER_MARK, csv_line


class CsvWriter:
    """What spreadsheets open as it is; text that looks like a formula is neutral."""

    def __init__(self, header: DatasetHeader, *, has_photos: bool = False) -> None:
        self._has_photos = has_photos

    def begin(self) -> bytes:
        columns = ("path", *COLUMNS) if self._has_photos else COLUMNS
        return BYTE_ORDER_MARK + csv_line(columns)

    def add(self, row: DatasetRow) -> bytes:
        values = _csv_cells(row)
        return csv_line([row.path, *values] if self._has_photos else values)

    def finish(self) -> Iterator[bytes]:
        return iter(())


class JsonLinesWriter:
    """One JSON object per line, with the names of the table's columns."""

    def __init__(self, header: DatasetHeader, *, has_photos: bool = False) -> None:
        pass

    def begin(self) -> bytes:
        return b""

    def add(self, row: DatasetRow) -> bytes:
        return json_line(row)

    def finish(self) -> Iterator[bytes]:
        return iter(())


_FROM_PEOPLE = tuple(
    COLUMNS.index(name) for name in (
        "original_name", "site", "plant", "camera", "stage_name_es", "stage_name_en", "source", "reason", "note",
        "mode", "model_version",
    )
)  # fmt: skip
"""What people (or other programs) wrote; the rest is made of hashes, numbers, codes and times."""
_FLAGS = tuple(COLUMNS.index(name) for name in ("is_held_out", "is_blind", "is_gold", "is_adjudicated"))
_DISTRIBUTION = COLUMNS.index("distribution")
_FLAG_TEXT = {None: None, True: "true", False: "false"}


def _csv_cells(row: DatasetRow) -> list[Any]:
    values = list(cells(row))
    for place in _FROM_PEOPLE:
        if values[place]:
            values[place] = neutral(values[place])
    for place in _FLAGS:
        values[place] = _FLAG_TEXT[values[place]]
    values[_DISTRIBUTION] = " ".join(map(repr, values[_DISTRIBUTION]))
    return values
