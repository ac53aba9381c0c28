"""Photos in folders named after their class, or in no folder at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from labeling.services.import_formats.containers import Container
from labeling.services.import_formats.rows import ImportRow


class ClassFolders:
    """Every photo of a container; the folders it lies in are its labels, innermost first."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._total = sum(1 for _ in container.photos())

    @property
    def total(self) -> int:
        return self._total

    def rows(self) -> Iterator[ImportRow]:
        for number, entry in enumerate(self._container.photos(), start=1):
            code, message = entry.refusal
            folders = tuple(reversed(PurePosixPath(entry.name).parts[:-1]))
            yield ImportRow(number, entry.shown, entry.opener, folders, refused=code, message=message)
