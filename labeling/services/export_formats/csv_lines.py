"""Lines of CSV as bytes: comma, CRLF, quotes where needed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Without it, spreadsheets read UTF-8 as something else."""


class _Echo:
    """A file for ``csv.writer`` that hands back what is written."""

    def write(self, text: str) -> str:
        return text


_writerow = csv.writer(_Echo()).writerow


def csv_line(values: Iterable[Any]) -> bytes:
    """One line; None is an empty cell. Text from people goes through ``domain.spreadsheet_cells.neutral`` first."""
    line: str = _writerow(values)
    return line.encode()
