"""The history of a project as a file, read and written row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

Format = Literal["csv", "jsonl"]
FORMATS: tuple[Format, ...] = ("csv", "jsonl")


def history_blocks(*, project_id: int, format: Format) -> Iterator[bytes]:
    """Every annotation, withdrawal and adjudication, oldest first, in blocks of bytes."""
    yield b""
