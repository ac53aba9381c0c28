"""Tasks of Label Studio (its JSON export) with annotations and predictions, and files of ours that went through it.

Addresses in a task are never fetched. The photo is looked for in the archive by the end of its address: as Label Studio
stored it (``85167cfd-tree_1.jpg``) or as it was called before (``tree 1.jpg``).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from labeling.domain.json_items import JsonUnreadable, list_items
from labeling.services.import_formats.containers import MAX_ENTRIES, Container, Entry, shown_name
from labeling.services.import_formats.rows import ImportRow, LabelStatement, ModelStatement, SourceUnusable
from labeling.services.import_formats.tables import confidence_of

REFUSALS = ("cannot_tell", "unusable", "undecidable")
NOT_HERE = (
    "file_missing",
    "The photo is not in the archive. Addresses are not fetched: put the photo beside the tasks.",
)
_UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")


class LabelStudioTasks:
    """One or more task lists in a container."""

    def __init__(self, container: Container, names: Sequence[str]) -> None:
        self._container = container
        self._names = names
        self._total = sum(1 for _ in self._tasks())
        if self._total > MAX_ENTRIES:
            raise SourceUnusable("tasks_too_many", f"There are more than {MAX_ENTRIES} tasks.")

    @property
    def total(self) -> int:
        return self._total

    def rows(self) -> Iterator[ImportRow]:
        for number, task in enumerate(self._tasks(), start=1):
            yield self._row(number, task)

    def _tasks(self) -> Iterator[dict[str, Any]]:
        for name in self._names:
            try:
                with self._container.table(name) as opened, io.TextIOWrapper(opened, encoding="utf-8-sig") as text:
                    yield from (task if isinstance(task, dict) else {} for task in list_items(text))
            except JsonUnreadable as error:
                raise SourceUnusable("json_damaged", f"{shown_name(name)} cannot be read: {error}") from None

    def _row(self, number: int, task: dict[str, Any]) -> ImportRow:
        data = task["data"] if isinstance(task.get("data"), dict) else {}
        addresses = list(_addresses(task, data))
        entry, sha256 = self._photo(addresses), _str(data.get("sha256")).lower()
        code, message = entry.refusal if entry else (("", "") if sha256 else NOT_HERE)
        return ImportRow(
            row=number,
            name=shown_name(addresses[0] if addresses else ""),
            opener=entry.opener if entry else None,
            plant=_str(data.get("plant")),
            site=_str(data.get("site")),
            taken_at=_str(data.get("taken_at")),
            statements=tuple(_statements(task)),
            model=_model(task),
            original_name=_str(data.get("original_name")),
            sha256=sha256,
            refused=code,
            message=message,
        )

    def _photo(self, addresses: Sequence[str]) -> Entry | None:
        for address in addresses:
            for name in _names(address):
                if found := self._container.found(name):
                    return self._container.entry(found)
        return None


def _addresses(task: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
    """Where the photo may be, in the words of the task: its own values before the name of an upload."""
    for value in data.values():
        if isinstance(value, str) and PurePosixPath(_path_of(value)).suffix:
            yield value
    if isinstance(task.get("file_upload"), str):
        yield task["file_upload"]


def _path_of(address: str) -> str:
    """The path of an address; of a local file the path in its query; what is no address as it is."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    local = parse_qs(parts.query).get("d", [])
    return unquote(local[0] if local else parts.path)


def _names(address: str) -> Iterator[str]:
    path = _path_of(address)
    last = PurePosixPath(path).name
    plain = _UPLOAD_PREFIX.sub("", last)
    yield path.lstrip("/")
    yield last
    yield plain
    yield plain.replace("_", " ")  # Label Studio stores blanks as underscores


def _statements(task: dict[str, Any]) -> Iterator[LabelStatement]:
    annotations = task.get("annotations")
    for annotation in annotations if isinstance(annotations, list) else []:
        if isinstance(annotation, dict) and not annotation.get("was_cancelled"):
            yield from _of_annotation(annotation)


def _of_annotation(annotation: dict[str, Any]) -> Iterator[LabelStatement]:
    result = annotation.get("result")
    for item in result if isinstance(result, list) else []:
        choices = _choices(item)
        if not choices:
            continue
        meta = item["meta"] if isinstance(item.get("meta"), dict) else {}
        is_refusal = choices[0] in REFUSALS
        yield LabelStatement(
            labels=() if is_refusal else (choices[0],),
            kind=choices[0] if is_refusal else ("between" if len(choices) > 1 else "stage"),
            upper="" if is_refusal or len(choices) < 2 else choices[1],
            source=_str(meta.get("source")),
            author=_author(annotation.get("completed_by")),
            reason=_str(meta.get("reason")),
            note=_str(meta.get("note")),
            decided_at=_str(meta.get("decided_at")) or _str(annotation.get("created_at")),
            is_gold=bool(annotation.get("ground_truth")),
        )
        return  # one label per annotation: further controls ask about something else


def _choices(item: Any) -> list[str]:
    if not isinstance(item, dict) or item.get("type") != "choices" or not isinstance(item.get("value"), dict):
        return []
    choices = item["value"].get("choices")
    return [str(choice) for choice in choices] if isinstance(choices, list) else []


def _model(task: dict[str, Any]) -> ModelStatement | None:
    """The surest prediction; exports that name predictions by number only have none."""
    predictions = task.get("predictions")
    best: ModelStatement | None = None
    for prediction in predictions if isinstance(predictions, list) else []:
        if not isinstance(prediction, dict):
            continue
        result = prediction.get("result")
        chosen = next((c for item in (result if isinstance(result, list) else []) if (c := _choices(item))), [])
        score = confidence_of(prediction.get("score"))
        if chosen and (best is None or score > best.confidence):
            best = ModelStatement((chosen[0],), score, _str(prediction.get("model_version")))
    return best


def _author(value: Any) -> str:
    """By number: an e-mail address has no business in the name of a source."""
    return str(value.get("id", "")) if isinstance(value, dict) else _str(value)


def _str(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)
