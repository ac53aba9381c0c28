"""Folders and ZIP archives, seen alike: entries with names, bytes behind them, reasons not to touch them.

An entry is opened only when somebody asks, nothing outside the root is read, nothing is written. Names are untrusted:
they are shown to people and compared with other names, never used as paths without a check.
"""

from __future__ import annotations

import io
import stat
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from labeling.imaging import MAX_BYTES
from labeling.services.import_formats.rows import Opener, SourceUnusable

MAX_ENTRIES = 200_000
MAX_TOTAL_BYTES = 64 * 2**30
MAX_TABLE_BYTES = 512 * 2**20
MAX_RATIO = 100
MAX_TABLE_RATIO = 500
"""Text repeats itself more than pictures do."""
RATIO_FREE_BYTES = 2**20  # a small file may compress as well as it likes

_IGNORED_NAMES = {"thumbs.db", "desktop.ini", "__macosx"}
_IGNORED_SUFFIXES = {".csv", ".tsv", ".md", ".txt", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".parquet", ".py"}

Refusal = tuple[str, str]
"""Code and message; empty if the entry may be read."""
FINE: Refusal = ("", "")
MISSING: Refusal = ("file_missing", "There is no such file.")


@dataclass(frozen=True)
class Entry:
    """A file in a container. ``shown`` is its name as people may see it."""

    name: str
    shown: str
    opener: Opener | None
    refusal: Refusal


class Container(Protocol):
    """A folder or an archive."""

    def names(self) -> list[str]:
        """Of all files, in a fixed order."""
        ...

    def photos(self) -> Iterator[Entry]:
        """All files that may be photos: not what operating systems and people put beside them."""
        ...

    def entry(self, name: str) -> Entry:
        """The file of this name, or one that is refused as missing."""
        ...

    def found(self, name: str) -> str | None:
        """The name of the one file that somebody may have meant by ``name``: itself, or of the same last part."""
        ...

    def table(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open a file that is read as text or a table.

        Raises:
            SourceUnusable: it must not be opened, or is too large.
        """
        ...


def is_ignored(name: str) -> bool:
    """Left out without a word: what operating systems and people put beside photos."""
    path = PurePosixPath(name)
    is_hidden = any(part.startswith(".") and part not in {".", ".."} for part in path.parts)
    return is_hidden or path.suffix.lower() in _IGNORED_SUFFIXES or any(p.lower() in _IGNORED_NAMES for p in path.parts)


class NameIndex:
    """Finds names as other programs and systems spell them: composed or not, with or without folders."""

    def __init__(self, names: list[str]) -> None:
        self._exact = {_plain(name): name for name in names}
        self._by_last: dict[str, list[str]] = defaultdict(list)
        for name in names:
            self._by_last[_plain(PurePosixPath(name).name)].append(name)

    def found(self, name: str) -> str | None:
        """As ``Container.found``; None if several files could be meant."""
        plain = _plain(name.removeprefix("./"))
        if plain in self._exact:
            return self._exact[plain]
        named = self._by_last.get(PurePosixPath(plain).name, [])
        return named[0] if len(named) == 1 else None

    def exact(self, name: str) -> str | None:
        """Of this very name."""
        return self._exact.get(_plain(name))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)


class FolderContainer:
    """Every file below ``root``; a link that leads out of it is refused."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def names(self) -> list[str]:
        return self._names

    def photos(self) -> Iterator[Entry]:
        return (self.entry(name) for name in self._names if not is_ignored(name))

    def entry(self, name: str) -> Entry:
        refusal = self._refusal(name)
        if refusal == MISSING and (exact := self._index.exact(name)):
            name, refusal = exact, self._refusal(exact)
        path = self.root / name if not refusal[0] else self.root
        return Entry(name, shown_name(name), lambda: path.open("rb"), refusal)

    @cached_property
    def _names(self) -> list[str]:
        """Listed when they are first asked for: a table whose paths are right needs no list of a whole disk."""
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if not path.is_dir())

    @cached_property
    def _index(self) -> NameIndex:
        return NameIndex(self._names)

    def found(self, name: str) -> str | None:
        return self._index.found(name)

    @contextmanager
    def table(self, name: str) -> Iterator[BinaryIO]:
        entry = self.entry(name)
        if entry.refusal[0] or entry.opener is None:
            raise SourceUnusable(*entry.refusal)
        if (self.root / name).stat().st_size > MAX_TABLE_BYTES:
            raise SourceUnusable("table_too_large", f"{name} is larger than {MAX_TABLE_BYTES >> 20} MB.")
        with entry.opener() as opened:
            yield opened

    def _refusal(self, name: str) -> Refusal:
        if not name or "\x00" in name or not (self.root / name).resolve().is_relative_to(self.root):
            return "unsafe_path", "The path leads out of the folder."
        return FINE if (self.root / name).is_file() else MISSING


class ZipContainer:
    """A ZIP. Nothing is extracted: entries are read one by one, bounded, so that a hostile name has nowhere to go.

    The entries' declared sizes are checked before reading, and reading stops at them. Archives within are no photos
    and are not opened.

    Raises:
        SourceUnusable: it is no ZIP, or has too many entries or bytes.
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
        self._by_name = {entry.filename: entry for entry in self._entries}
        self._index = NameIndex([entry.filename for entry in self._entries])

    def names(self) -> list[str]:
        return [entry.filename for entry in self._entries]

    def photos(self) -> Iterator[Entry]:
        return (self._entry(entry) for entry in self._entries if not is_ignored(entry.filename))

    def entry(self, name: str) -> Entry:
        exact = self._index.exact(name)
        return self._entry(self._by_name[exact]) if exact else Entry(name, name, None, MISSING)

    def found(self, name: str) -> str | None:
        return self._index.found(name)

    @contextmanager
    def table(self, name: str) -> Iterator[BinaryIO]:
        entry = self._by_name.get(name)
        if entry is None:
            raise SourceUnusable(*MISSING)
        code, message = _refusal(entry, max_bytes=MAX_TABLE_BYTES, max_ratio=MAX_TABLE_RATIO)
        if code:
            raise SourceUnusable(code, f"{shown_name(name)}: {message}")
        try:
            with self._zip.open(entry) as opened:
                yield opened  # type: ignore[misc]  # IO[bytes] is what BinaryIO is
        except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
            raise SourceUnusable("zip_damaged", f"{shown_name(name)} cannot be read: {error}") from None

    def _entry(self, entry: zipfile.ZipInfo) -> Entry:
        refusal = _refusal(entry, max_bytes=MAX_BYTES, max_ratio=MAX_RATIO)
        return Entry(entry.filename, shown_name(entry.orig_filename), self._opener(entry), refusal)

    def _opener(self, entry: zipfile.ZipInfo) -> Opener:
        return lambda: self._zip.open(entry)  # type: ignore[return-value]  # IO[bytes] is what BinaryIO is


class NoContainer:
    """A table on its own, without files beside it: photos are known by their hash alone."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def names(self) -> list[str]:
        return [""]

    def photos(self) -> Iterator[Entry]:
        return iter(())

    def entry(self, name: str) -> Entry:
        return Entry(name, name, None, MISSING)

    def found(self, name: str) -> str | None:
        return None

    @contextmanager
    def table(self, name: str) -> Iterator[BinaryIO]:
        self._stream.seek(0)
        yield io.BufferedReader(_Uncloseable(self._stream))


class _Uncloseable(io.RawIOBase):
    """A stream that stays open for the next reader."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: object) -> int:
        data = self._stream.read(len(buffer))  # type: ignore[arg-type]
        buffer[: len(data)] = data  # type: ignore[index]
        return len(data)


def shown_name(name: str) -> str:
    """A name for people to read: what cannot be printed, or turns the writing direction, becomes a question mark."""
    return "".join(c if c.isprintable() else "?" for c in name)[:255]


def _refusal(entry: zipfile.ZipInfo, *, max_bytes: int, max_ratio: int) -> Refusal:
    if entry.flag_bits & 0x1:
        return "zip_encrypted", "The file is encrypted."
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "zip_link", "Links are not followed."
    if _is_unsafe(entry.orig_filename):
        return "unsafe_path", "The name leads out of the archive."
    if entry.file_size > max_bytes:
        return "too_large", "The file is too large."
    if entry.file_size > RATIO_FREE_BYTES and entry.file_size > max_ratio * max(1, entry.compress_size):
        return "zip_ratio", "The file is packed too tightly to be a photo."
    return FINE


def _is_unsafe(name: str) -> bool:
    """Absolute, on a drive, climbing, or with bytes that different systems read differently."""
    parts = name.replace("\\", "/").split("/")
    return "\x00" in name or "\\" in name or name.startswith("/") or ".." in parts or ":" in parts[0]
