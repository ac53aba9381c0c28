"""The report of an import as a file."""

from __future__ import annotations

from collections.abc import Iterator

from labeling.domain.spreadsheet_cells import neutral
from labeling.models import ImportBatch
from labeling.selectors.imports import import_report
from labeling.services.export_formats.csv_lines import BYTE_ORDER_MARK, csv_line

PAGE = 1000


def report_csv(*, batch: ImportBatch) -> Iterator[bytes]:
    """Lines of row, name, code, message, a page at a time; names of strangers are neutral cells."""
    yield BYTE_ORDER_MARK + csv_line(("row", "name", "code", "message"))
    last, refusals = 0, import_report(batch=batch)
    while page := list(refusals.filter(pk__gt=last).values_list("pk", "row", "name", "code", "message")[:PAGE]):
        last = page[-1][0]
        yield b"".join(csv_line((row, neutral(name), code, neutral(message))) for _, row, name, code, message in page)
