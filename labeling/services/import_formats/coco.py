"""Photos and labels of COCO files: of image-level categories, or of boxes that are all of one category."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from labeling.domain.json_items import JsonUnreadable, object_entries
from labeling.services.import_formats.containers import MAX_ENTRIES, MISSING, Container, Entry, shown_name
from labeling.services.import_formats.rows import ImportRow, LabelStatement, ModelStatement, SourceUnusable
from labeling.services.import_formats.tables import confidence_of

MAX_ANNOTATIONS = 2_000_000
REFUSALS = ("cannot_tell", "unusable", "undecidable")
_LISTS = frozenset({"images", "annotations", "categories", "licenses"})
_TOLD = ("kind", "stage_upper", "source", "reason", "note", "decided_at", "is_gold")


@dataclass
class _File:
    """What is kept of one file: names, and of annotations only what can be a label."""

    categories: dict[Any, str] = field(default_factory=dict)
    images: dict[Any, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    said: dict[Any, dict[tuple[Any, ...], None]] = field(default_factory=lambda: defaultdict(dict))


class CocoFiles:
    """One or more COCO files (``instances_train.json``, ``instances_val.json``) in a container."""

    def __init__(self, container: Container, names: Sequence[str]) -> None:
        self._container = container
        self._files = [(name, _read(container, name)) for name in names]

    @property
    def total(self) -> int:
        return sum(len(file.images) for _, file in self._files)

    def rows(self) -> Iterator[ImportRow]:
        number = 0
        for name, file in self._files:
            for image_id, (file_name, facts) in file.images.items():
                number += 1
                yield self._row(number, name, file_name, facts, list(_statements(file, image_id)))

    def _row(
        self, number: int, table: str, file_name: str, facts: dict[str, Any], statements: list[LabelStatement]
    ) -> ImportRow:
        sha256 = _str(facts, "sha256").lower()
        entry: Entry | None = self._container.entry(str(PurePosixPath(table).parent / file_name))
        if entry is not None and entry.refusal == MISSING:
            found = self._container.found(file_name)
            entry = self._container.entry(found) if found else None
        code, message = entry.refusal if entry else (("", "") if sha256 else MISSING)
        return ImportRow(
            row=number,
            name=shown_name(file_name),
            opener=entry.opener if entry else None,
            plant=_str(facts, "plant"),
            site=_str(facts, "site"),
            taken_at=_str(facts, "taken_at"),
            statements=tuple(statements),
            model=_model(facts),
            original_name=_str(facts, "original_name"),
            sha256=sha256,
            refused=code,
            message=message,
        )


def _read(container: Container, name: str) -> _File:
    file, n_annotations = _File(), 0
    try:
        with container.table(name) as opened, io.TextIOWrapper(opened, encoding="utf-8-sig") as text:
            for key, item in object_entries(text, lists=_LISTS):
                if key == "categories" and isinstance(item, dict):
                    file.categories[_id(item.get("id"))] = str(item.get("name", ""))
                elif key == "images" and isinstance(item, dict):
                    attributes = item.get("attributes")
                    facts = attributes if isinstance(attributes, dict) else {}
                    file.images[_id(item.get("id"))] = (str(item.get("file_name", "")), facts)
                elif key == "annotations" and isinstance(item, dict):
                    n_annotations += 1
                    file.said[_id(item.get("image_id"))][_said(item)] = None
                if len(file.images) > MAX_ENTRIES or n_annotations > MAX_ANNOTATIONS:
                    raise SourceUnusable("coco_too_many", "The file has too many images or annotations.")
    except JsonUnreadable as error:
        raise SourceUnusable("json_damaged", f"{shown_name(name)} cannot be read: {error}") from None
    return file


def _said(annotation: dict[str, Any]) -> tuple[Any, ...]:
    """Category and what is told of it, once however many boxes say the same."""
    attributes = annotation.get("attributes")
    told = attributes if isinstance(attributes, dict) else {}
    return (_id(annotation.get("category_id")), *[_str(told, name) for name in _TOLD])


def _statements(file: _File, image_id: Any) -> Iterator[LabelStatement]:
    for category, kind, upper, source, reason, note, decided_at, is_gold in file.said.get(image_id, {}):
        name = file.categories.get(category, str(category))
        is_refusal = name in REFUSALS
        yield LabelStatement(
            labels=() if is_refusal else (name,),
            kind=name if is_refusal else ("between" if kind == "between" else "stage"),
            upper=upper,
            source=source,
            reason=reason,
            note=note,
            decided_at=decided_at,
            is_gold=is_gold == "True",
        )


def _model(facts: dict[str, Any]) -> ModelStatement | None:
    stage = _str(facts, "suggested_stage")
    if not stage:
        return None
    return ModelStatement((stage,), confidence_of(facts.get("suggestion_confidence")), _str(facts, "model_version"))


def _str(facts: dict[str, Any], name: str) -> str:
    value = facts.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _id(value: Any) -> Any:
    return value if isinstance(value, int | str) else str(value)
