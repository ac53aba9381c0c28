"""Where an import's photos come from: a folder, a ZIP or a CSV file. Hostile input is met here.

A source yields one row per file, good or refused, in a fixed order; it opens a file only when asked to, reads nothing
outside its root and never writes. Names are untrusted: they are shown to people and compared with stage names.
"""

from __future__ import annotations

import csv
import io
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from labeling.imaging import MAX_BYTES

MAX_ENTRIES = 200_000
MAX_TOTAL_BYTES = 64 * 2**30
MAX_RATIO = 100
RATIO_FREE_BYTES = 2**20  # a small file may compress as well as it likes
LABELS_FILE = "labels.csv"

_IGNORED_NAMES = {"thumbs.db", "desktop.ini", "__macosx"}
_IGNORED_SUFFIXES = {".csv", ".tsv", ".md", ".txt", ".json", ".xml", ".yaml", ".yml"}
_COLUMNS = {"path": "path", "file": "path", "label": "label", "class": "label", "stage": "label",
            "plant": "plant", "group": "plant", "site": "site", "taken_at": "taken_at"}  # fmt: skip


class SourceUnusable(Exception):  # the whole source, not one row
    """The source cannot be read at all. ``code`` is stable; ``str()`` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class ImportRow:
    """One file to import.

    Attributes:
        row: its place, from 1; for CSV the line (the header is line 1).
        name: as the source calls it.
        labels: names of its class, best first: a CSV's column, or the folders it lies in, innermost first.
        opener: opens its bytes.
        refused: a code, if the file must not be opened; then ``message`` says why.
    """

    row: int
    name: str
    opener: Callable[[], AbstractContextManager[BinaryIO]]
    labels: tuple[str, ...] = ()
    plant: str = ""
    site: str = ""
    taken_at: str = ""
    refused: str = ""
    message: str = ""


class ImportSource(Protocol):
    """What ``import_run`` reads."""

    @property
    def total(self) -> int:
        """Number of rows."""
        ...

    def rows(self) -> Iterator[ImportRow]:
        """All rows, the same each time."""
        ...


def source_of(path: Path) -> ImportSource:
    """The source for a folder (with ``labels.csv`` in it, or a folder per class), a ``.zip`` or a ``.csv``.

    Raises:
        SourceUnusable: there is no such file, or it is of another kind.
    """
    if path.is_dir():
        table = path / LABELS_FILE
        return CsvSource(table) if table.is_file() else FolderSource(path)
    if path.is_file() and zipfile.is_zipfile(path):
        return ZipSource(path)
    if path.is_file() and path.suffix.lower() == ".csv":
        return CsvSource(path)
    raise SourceUnusable("source_unknown", f"{path} is neither a folder, a ZIP nor a CSV file.")


def _is_ignored(name: str) -> bool:
    """Left out without a word: what operating systems and people put beside photos."""
    path = PurePosixPath(name)
    is_hidden = any(part.startswith(".") and part not in {".", ".."} for part in path.parts)
    return is_hidden or path.suffix.lower() in _IGNORED_SUFFIXES or any(p.lower() in _IGNORED_NAMES for p in path.parts)


def _folders(name: str) -> tuple[str, ...]:
    return tuple(reversed(PurePosixPath(name).parts[:-1]))


class FolderSource:
    """Every file below ``root``; a link that leads out of it is refused."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._names = sorted(
            name
            for path in self.root.rglob("*")
            if not path.is_dir() and not _is_ignored(name := path.relative_to(self.root).as_posix())
        )

    @property
    def total(self) -> int:
        return len(self._names)

    def rows(self) -> Iterator[ImportRow]:
        for number, name in enumerate(self._names, start=1):
            code, message = _path_refusal(self.root, name)
            yield ImportRow(number, name, _file_opener(self.root / name), _folders(name), refused=code, message=message)


class CsvSource:
    """A table with the columns path, label, plant, site, taken_at; paths are relative to the table's folder."""

    def __init__(self, table: Path) -> None:
        self.root = table.resolve().parent
        self._records = _read_table(table.read_bytes())

    @property
    def total(self) -> int:
        return len(self._records)

    def rows(self) -> Iterator[ImportRow]:
        for line, record in enumerate(self._records, start=2):
            name = record.get("path", "")
            refused = _path_refusal(self.root, name)
            yield _table_row(line, record, _file_opener(self.root / name if not refused[0] else self.root), refused)


class ZipSource:
    """A ZIP: folder per class, or with ``labels.csv`` at its top.

    Nothing is extracted: entries are read one by one, bounded, so that a hostile name has nowhere to go. The entries'
    declared sizes are checked before reading, and reading stops at them.

    Raises:
        SourceUnusable: it is no ZIP, is encrypted, or has too many entries or bytes.
    """

    def __init__(self, archive: Path | BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(archive)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise SourceUnusable("zip_damaged", f"The archive cannot be read: {error}") from None
        entries = self._zip.infolist()
        if len(entries) > MAX_ENTRIES:
            raise SourceUnusable("zip_too_many", f"The archive has more than {MAX_ENTRIES} entries.")
        if sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
            raise SourceUnusable("zip_too_large", f"The archive unpacks to more than {MAX_TOTAL_BYTES >> 30} GB.")
        self._entries = [entry for entry in entries if not entry.is_dir()]
        self._table = self._read_labels()
        self._files = [entry for entry in self._entries if not _is_ignored(entry.filename)]

    @property
    def total(self) -> int:
        return len(self._files) if self._table is None else len(self._table)

    def rows(self) -> Iterator[ImportRow]:
        if self._table is None:
            for number, entry in enumerate(self._files, start=1):
                refused = _entry_refusal(entry)
                yield ImportRow(
                    number, _shown(entry), self._opener(entry), _folders(entry.filename),
                    refused=refused[0], message=refused[1],
                )  # fmt: skip
            return
        by_name = {entry.filename: entry for entry in self._files}
        for line, record in enumerate(self._table, start=2):
            named = by_name.get(record.get("path", ""))
            if named is None:
                yield _table_row(line, record, _nothing, ("file_missing", "The archive has no such file."))
            else:
                yield _table_row(line, record, self._opener(named), _entry_refusal(named))

    def _read_labels(self) -> list[dict[str, str]] | None:
        entry = next((e for e in self._entries if e.filename == LABELS_FILE), None)
        if entry is None:
            return None
        refused = _entry_refusal(entry)
        if refused[0]:
            raise SourceUnusable(*refused)
        with self._opener(entry)() as opened:
            return _read_table(opened.read(MAX_BYTES))

    def _opener(self, entry: zipfile.ZipInfo) -> Callable[[], AbstractContextManager[BinaryIO]]:
        return lambda: self._zip.open(entry)  # type: ignore[return-value]  # IO[bytes] is what BinaryIO is


def _shown(entry: zipfile.ZipInfo) -> str:
    return entry.orig_filename.replace("\x00", "?")


def _entry_refusal(entry: zipfile.ZipInfo) -> tuple[str, str]:
    """``(code, message)``, empty if the entry may be read."""
    if entry.flag_bits & 0x1:
        return "zip_encrypted", "The file is encrypted."
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "zip_link", "Links are not followed."
    if _is_unsafe(entry.orig_filename):
        return "unsafe_path", "The name leads out of the archive."
    if entry.file_size > MAX_BYTES:
        return "too_large", "The file is too large."
    if entry.file_size > RATIO_FREE_BYTES and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
        return "zip_ratio", "The file is packed too tightly to be a photo."
    return "", ""


def _is_unsafe(name: str) -> bool:
    """Absolute, on a drive, climbing, or with bytes that different systems read differently."""
    parts = name.replace("\\", "/").split("/")
    return "\x00" in name or "\\" in name or name.startswith("/") or ".." in parts or ":" in parts[0]


def _path_refusal(root: Path, name: str) -> tuple[str, str]:
    """``(code, message)`` for a path below ``root``, empty if it is a regular file inside it."""
    if not name or "\x00" in name or not (root / name).resolve().is_relative_to(root):
        return "unsafe_path", "The path leads out of the folder."
    if not (root / name).is_file():
        return "file_missing", "There is no such file."
    return "", ""


def _file_opener(path: Path) -> Callable[[], AbstractContextManager[BinaryIO]]:
    return lambda: path.open("rb")


def _nothing() -> AbstractContextManager[BinaryIO]:
    return io.BytesIO()


def _read_table(data: bytes) -> list[dict[str, str]]:
    """Rows by our column names; UTF-8 (with or without BOM) or Latin-1, comma, semicolon or tab.

    Raises:
        SourceUnusable: it has no ``path`` column or too many rows.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = [_COLUMNS.get(cell.strip().lower(), "") for cell in next(reader, [])]
        if "path" not in columns:
            raise SourceUnusable("csv_no_path", "The table needs a column named path.")
        records = [_record(columns, cells) for cells in reader if any(cells)]
    except csv.Error as error:
        raise SourceUnusable("csv_damaged", f"The table cannot be read: {error}") from None
    if len(records) > MAX_ENTRIES:
        raise SourceUnusable("csv_too_many", f"The table has more than {MAX_ENTRIES} rows.")
    return records


def _record(columns: list[str], cells: list[str]) -> dict[str, str]:
    """The first column of each meaning counts, so that ``label`` wins over a later ``class``."""
    record: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column:
            record.setdefault(column, cell.strip())
    return record


def _table_row(
    line: int,
    record: dict[str, str],
    opener: Callable[[], AbstractContextManager[BinaryIO]],
    refused: tuple[str, str],
) -> ImportRow:
    label = record.get("label", "")
    return ImportRow(
        row=line,
        name=record.get("path", ""),
        opener=opener,
        labels=(label,) if label else (),
        plant=record.get("plant", ""),
        site=record.get("site", ""),
        taken_at=record.get("taken_at", ""),
        refused=refused[0],
        message=refused[1],
    )
