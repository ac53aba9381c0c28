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
        values = (_cell(value) for value in cells(row))
        return csv_line((_cell(row.path), *values) if self._has_photos else values)

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


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return neutral(value)
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(repr, value))
    return value
