"""Rows of tables in three kinds of file, as dictionaries of text under our names of columns.

Files are read as they are needed, twice: once to count (and to find out that they are whole), once to go through.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from labeling.domain.spreadsheet_cells import restored
from labeling.services.import_formats.containers import MAX_ENTRIES, Container
from labeling.services.import_formats.rows import SourceUnusable

Record = tuple[int, dict[str, str]]
"""Line (the header of a CSV is line 1) and values."""

MAX_CELL = 100_000
MAX_LINE = 2**20
COLUMNS = {
    "path": "path", "file": "path", "file_name": "path", "filename": "path", "image": "path",
    "label": "label", "class": "label", "stage": "label", "category": "label",
    "stage_upper": "upper", "kind": "kind", "source": "source", "annotator": "source", "reason": "reason",
    "note": "note", "decided_at": "decided_at", "is_gold": "is_gold",
    "plant": "plant", "group": "plant", "site": "site", "taken_at": "taken_at",
    "sha256": "sha256", "original_name": "original_name",
    "suggested_stage": "suggested_stage", "suggestion_confidence": "suggestion_confidence",
    "model_version": "model_version",
}  # fmt: skip
"""What others call our columns. The first column of each meaning counts: ``label`` wins over a later ``class``."""
_KEPT_AS_WRITTEN = {"note", "source", "original_name"}
_TOO_MANY = f"The table has more than {MAX_ENTRIES} rows."


def records_of(container: Container, name: str) -> Iterator[Record]:
    """The rows of a ``.csv`` (or ``.tsv``), ``.jsonl`` or ``.parquet`` file.

    Raises:
        SourceUnusable: it cannot be read, has no column for the photo, or too many rows.
    """
    read = reader_of(name)
    with container.table(name) as opened:
        for number, record in enumerate(read(opened)):
            if number >= MAX_ENTRIES:
                raise SourceUnusable("csv_too_many", _TOO_MANY)
            yield record


def reader_of(name: str) -> Callable[[BinaryIO], Iterator[Record]]:
    """By the file's ending."""
    suffix = name.rsplit(".", 1)[-1].lower()
    return {"jsonl": read_json_lines, "ndjson": read_json_lines, "parquet": read_parquet}.get(suffix, read_csv)


def read_csv(stream: BinaryIO) -> Iterator[Record]:
    """UTF-8 (with or without a mark) or Latin-1; comma, semicolon or tab."""
    text = io.TextIOWrapper(stream, encoding=_encoding(stream), newline="")
    header = text.readline(MAX_CELL)
    delimiter = max(",;\t", key=header.count)
    csv.field_size_limit(MAX_CELL)
    columns = _columns(next(csv.reader([header], delimiter=delimiter), []))
    reader = csv.reader(text, delimiter=delimiter)
    try:
        for cells in reader:
            if any(cells):
                yield reader.line_num + 1, _record(columns, [restored(cell) for cell in cells])
    except (csv.Error, UnicodeDecodeError) as error:
        raise SourceUnusable("csv_damaged", f"The table cannot be read: {error}") from None


def read_json_lines(stream: BinaryIO) -> Iterator[Record]:
    """One object per line; values other than text and numbers are left out."""
    for number, line in json_lines(stream):
        keys, values = list(line), [_text(value) for value in line.values()]
        yield number, _record(_columns(keys), values)


def json_lines(stream: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number and object of each line that holds one.

    Raises:
        SourceUnusable: a line is no object, or too long.
    """
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise SourceUnusable("jsonl_damaged", f"Line {number} is too long.")
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SourceUnusable("jsonl_damaged", f"Line {number} is no JSON: {error}") from None
        if not isinstance(value, dict):
            raise SourceUnusable("jsonl_damaged", f"Line {number} is no JSON object.")
        yield number, value


def read_parquet(stream: BinaryIO) -> Iterator[Record]:
    """Only columns with a meaning, text by the file's own dictionary: what is repeated a million times is held once."""
    import pyarrow as pa  # noqa: PLC0415 - tens of megabytes that only this format needs
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        file = pq.ParquetFile(stream)
        names = [name for name in file.schema_arrow.names if name.strip().lower() in COLUMNS]
        if file.metadata.num_rows > MAX_ENTRIES:
            raise SourceUnusable("csv_too_many", _TOO_MANY)
        if sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups)) > 2**29:
            raise SourceUnusable("table_too_large", "The table unpacks to more than 512 MB.")
        text = [n for n in names if pa.types.is_string(file.schema_arrow.field(n).type)]
        file = pq.ParquetFile(stream, read_dictionary=text)
        columns, number = _columns(names), 0
        for batch in file.iter_batches(batch_size=1000, columns=names):
            for values in zip(*[_values(column) for column in batch.columns], strict=True):
                number += 1
                yield number, _record(columns, list(values))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise SourceUnusable("parquet_damaged", f"The table cannot be read: {error}") from None


def _values(column: Any) -> list[str]:
    """The texts of a column, each unfolded once however often it is used."""
    import pyarrow as pa  # noqa: PLC0415

    if not isinstance(column, pa.DictionaryArray):
        return [_text(value) for value in column.to_pylist()]
    if any(size is not None and size > MAX_CELL for size in pa.compute.binary_length(column.dictionary).to_pylist()):
        raise ValueError("a cell is too long")
    texts = [_text(value) for value in column.dictionary.to_pylist()]
    return ["" if index is None else texts[index] for index in column.indices.to_pylist()]


def _encoding(stream: BinaryIO) -> str:
    """Latin-1 if the whole is not UTF-8: spreadsheets of another age."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        while chunk := stream.read(2**20):
            decode(chunk)
        decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    finally:
        stream.seek(0)
    return "utf-8-sig"


def _columns(names: list[str]) -> list[str]:
    columns = [COLUMNS.get(name.strip().lower(), "") for name in names]
    if "path" not in columns and "sha256" not in columns:
        raise SourceUnusable("csv_no_path", "The table needs a column named path (or sha256).")
    return columns


def _record(columns: list[str], cells: list[str]) -> dict[str, str]:
    record: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column:
            record.setdefault(column, cell if column in _KEPT_AS_WRITTEN else cell.strip())
    return record


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
