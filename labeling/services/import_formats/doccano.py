"""Exports of doccano's image classification: JSON Lines of file names and labels, a file per member or one for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from labeling.services.import_formats.containers import MISSING, Container, shown_name
from labeling.services.import_formats.records import json_lines
from labeling.services.import_formats.rows import ImportRow, LabelStatement

SHARED = {"all", "unknown", ""}
"""Names of files that are no member's."""


class DoccanoLines:
    """One or more of its files in a container; a file that bears a member's name is that member's."""

    def __init__(self, container: Container, names: Sequence[str]) -> None:
        self._container = container
        self._names = names
        self._total = sum(1 for _ in self._lines())

    @property
    def total(self) -> int:
        return self._total

    def rows(self) -> Iterator[ImportRow]:
        for number, (author, line) in enumerate(self._lines(), start=1):
            yield self._row(number, author, line)

    def _lines(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name in self._names:
            stem = PurePosixPath(name).stem
            with self._container.table(name) as opened:
                for _, line in json_lines(opened):
                    yield "" if stem in SHARED else stem, line

    def _row(self, number: int, author: str, line: dict[str, Any]) -> ImportRow:
        name = next((line[key] for key in ("filename", "upload_name", "image") if isinstance(line.get(key), str)), "")
        found = self._container.found(name)
        entry = self._container.entry(found) if found else None
        code, message = entry.refusal if entry else MISSING
        return ImportRow(
            row=number,
            name=shown_name(name),
            opener=entry.opener if entry else None,
            statements=tuple(_statement(line, author)),
            refused=code,
            message=message,
        )


def _statement(line: dict[str, Any], author: str) -> Iterator[LabelStatement]:
    labels = line.get("label", line.get("labels"))
    named = [labels] if isinstance(labels, str) else [str(label) for label in labels or [] if isinstance(label, str)]
    comments = line.get("Comments", line.get("comments"))
    note = "\n".join(str(comment) for comment in comments) if isinstance(comments, list) else ""
    if named:
        kind, upper = ("between", named[1]) if len(named) > 1 else ("stage", "")
        yield LabelStatement(labels=(named[0],), kind=kind, upper=upper, author=author, note=note)
