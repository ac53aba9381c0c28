"""What every source of an import yields: one row per file, or per statement about one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

Opener = Callable[[], AbstractContextManager[BinaryIO]]


class SourceUnusable(Exception):  # the whole source, not one row
    """The source cannot be read at all. ``code`` is stable; ``str()`` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class LabelStatement:
    """What somebody said about a photo, in the source's own words.

    Attributes:
        labels: names of the stage, best first; none for what names no stage.
        kind: "stage", "between", "cannot_tell", "unusable" or "undecidable".
        upper: name of the later stage of "between".
        source: who said it, as the source calls them; "" where it does not tell.
        author: a name that only means something together with where the file came from, such as a number.
        is_gold: the source calls it the truth.
    """

    labels: tuple[str, ...] = ()
    kind: str = "stage"
    upper: str = ""
    source: str = ""
    author: str = ""
    reason: str = ""
    note: str = ""
    decided_at: str = ""
    is_gold: bool = False


@dataclass(frozen=True)
class ModelStatement:
    """What a model predicted: names of the stage, best first, and how sure it was (0 to 1)."""

    labels: tuple[str, ...]
    confidence: float
    version: str


@dataclass(frozen=True)
class ImportRow:
    """One photo to import, or one statement about it.

    Attributes:
        row: its place, from 1; for tables the line (the header is line 1).
        name: as the source calls it.
        opener: opens its bytes; None if the source has only the hash of a photo that the project may have.
        labels: names of its class, best first: a table's column, or the folders it lies in, innermost first.
        statements: what was said of it, where that is more than a class.
        model: what a model predicted for it.
        original_name: what the file was once called, where that is not its name.
        sha256: of the photo, as the source claims; used only where there is no file.
        refused: a code, if the file must not be opened; then ``message`` says why.
    """

    row: int
    name: str
    opener: Opener | None
    labels: tuple[str, ...] = ()
    plant: str = ""
    site: str = ""
    taken_at: str = ""
    statements: tuple[LabelStatement, ...] = ()
    model: ModelStatement | None = None
    original_name: str = ""
    sha256: str = ""
    refused: str = ""
    message: str = ""


class ImportSource(Protocol):
    """What an import reads."""

    @property
    def total(self) -> int:
        """Number of rows."""
        ...

    def rows(self) -> Iterator[ImportRow]:
        """All rows, the same each time, so that an import can go on where it was interrupted."""
        ...
