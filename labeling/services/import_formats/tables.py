"""Tables that name photos and say what they show: ``labels.csv``, Hugging Face's ``metadata.jsonl``, and their kin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from labeling.services.import_formats.containers import MISSING, Container, Entry, shown_name
from labeling.services.import_formats.records import records_of
from labeling.services.import_formats.rows import ImportRow, LabelStatement, ModelStatement

_KINDS = {"stage", "between", "cannot_tell", "unusable", "undecidable"}


class Tables:
    """One or more tables in a container. Paths in a table are relative to the folder that it lies in.

    Args:
        container: what the tables and the photos lie in.
        names: of the tables.
        is_class_by_folder: a photo whose row has no label is of the class that its folder names.
    """

    def __init__(self, container: Container, names: Sequence[str], *, is_class_by_folder: bool = False) -> None:
        self._container = container
        self._names = names
        self._is_class_by_folder = is_class_by_folder
        self._total = sum(sum(1 for _ in records_of(container, name)) for name in names)

    @property
    def total(self) -> int:
        return self._total

    def rows(self) -> Iterator[ImportRow]:
        for name in self._names:
            folder = str(PurePosixPath(name).parent)
            prefix = "" if folder == "." else f"{folder}/"
            for line, record in records_of(self._container, name):
                yield self._row(line, record, prefix)

    def _row(self, line: int, record: dict[str, str], prefix: str) -> ImportRow:
        path, sha256 = record.get("path", ""), record.get("sha256", "").lower()
        entry = self._container.entry(prefix + path) if path or not sha256 else Entry("", sha256, None, MISSING)
        is_known_by_hash = entry.refusal == MISSING and bool(sha256)
        code, message = ("", "") if is_known_by_hash else entry.refusal
        folders = tuple(reversed(PurePosixPath(path).parts[:-1])) if self._is_class_by_folder else ()
        return ImportRow(
            row=line,
            name=shown_name(path or sha256),
            opener=None if is_known_by_hash else entry.opener,
            labels=folders,
            plant=record.get("plant", ""),
            site=record.get("site", ""),
            taken_at=record.get("taken_at", ""),
            statements=tuple(_statements(record)),
            model=_model(record),
            original_name=record.get("original_name", ""),
            sha256=sha256,
            refused=code,
            message=message,
        )


def _statements(record: dict[str, str]) -> Iterator[LabelStatement]:
    """What a row says, if anything. A kind we do not know is a stage: other tables have a column of that name too."""
    label, kind = record.get("label", ""), record.get("kind", "").strip().lower()
    kind = kind if kind in _KINDS else "stage"
    if kind in {"stage", "between"} and not label:
        return
    yield LabelStatement(
        labels=(label,) if label else (),
        kind=kind,
        upper=record.get("upper", ""),
        source=record.get("source", ""),
        reason=record.get("reason", ""),
        note=record.get("note", ""),
        decided_at=record.get("decided_at", ""),
        is_gold=record.get("is_gold", "") == "true",
    )


def _model(record: dict[str, str]) -> ModelStatement | None:
    stage = record.get("suggested_stage", "")
    if not stage:
        return None
    return ModelStatement((stage,), confidence_of(record.get("suggestion_confidence")), record.get("model_version", ""))


def confidence_of(value: object) -> float:
    """A share of 1; what is none counts as 0."""
    try:
        share = float(str(value))
    except ValueError:
        return 0.0
    return share if 0 <= share <= 1 else 0.0
