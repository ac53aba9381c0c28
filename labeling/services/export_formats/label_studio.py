"""Rows as tasks of Label Studio, which imports them back: one task per photo, with annotations and a prediction.

What Label Studio has no field for (who said it, why, when) rides in ``meta`` of the result, which it keeps as it is.

References:
    https://labelstud.io/guide/tasks and /guide/predictions (format of tasks, of pre-annotated data).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import quoteattr

from labeling.domain.dataset import DatasetHeader, DatasetRow
from labeling.services.export_formats.coco import label_attributes, photo_attributes

STAGE, REFUSAL, IMAGE = "stage", "refusal", "image"
"""Names of the controls in the labelling interface, and of the picture."""
LOCAL_FILES = "/data/local-files/?d="
"""How Label Studio serves files of its own disk."""


class LabelStudioWriter:
    """A JSON list of tasks."""

    def __init__(self, header: DatasetHeader, *, has_photos: bool = False) -> None:
        self._task: dict[str, Any] | None = None
        self._photo_id = -1
        self._n_written = 0

    def begin(self) -> bytes:
        return b"["

    def add(self, row: DatasetRow) -> bytes:
        if self._task is not None and row.photo.photo_id == self._photo_id:
            self._task["annotations"].append(_annotation(row))
            return b""
        before = self._flushed()
        self._photo_id = row.photo.photo_id
        self._task = {
            "data": {IMAGE: LOCAL_FILES + (row.path or f"photos/{row.photo.sha256}"), **photo_attributes(row)},
            "annotations": [_annotation(row)],
            "predictions": _predictions(row),
        }
        return before

    def finish(self) -> Iterator[bytes]:
        yield self._flushed() + b"]\n"

    def _flushed(self) -> bytes:
        if self._task is None:
            return b""
        text = json.dumps(self._task, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        self._task = None
        self._n_written += 1
        return (b",\n" if self._n_written > 1 else b"") + text.encode()


def label_studio_config(header: DatasetHeader) -> bytes:
    """The labelling interface that these tasks fit, to be pasted into a project's settings."""
    stages = "\n".join(
        f"    <Choice value={quoteattr(stage.slug)} hint={quoteattr(f'{stage.name_en} ({stage.bbch})')}/>"
        for stage in header.stages
    )
    return (
        f'<View>\n  <Image name="{IMAGE}" value="${IMAGE}"/>\n'
        f'  <Choices name="{STAGE}" toName="{IMAGE}" choice="multiple">\n{stages}\n  </Choices>\n'
        f'  <Choices name="{REFUSAL}" toName="{IMAGE}">\n'
        '    <Choice value="cannot_tell"/>\n    <Choice value="unusable"/>\n    <Choice value="undecidable"/>\n'
        "  </Choices>\n</View>\n"
    ).encode()


def _annotation(row: DatasetRow) -> dict[str, Any]:
    label = row.label
    choices = [stage.slug for stage in (label.stage, label.stage_upper) if stage is not None]
    result = _choices(STAGE, choices) if choices else _choices(REFUSAL, [label.kind])
    return {
        "result": [{**result, "meta": label_attributes(row)}],
        "was_cancelled": False,
        "ground_truth": bool(label.is_gold),
        **({} if label.lead_time_ms is None else {"lead_time": label.lead_time_ms / 1000}),
    }


def _predictions(row: DatasetRow) -> list[dict[str, Any]]:
    if row.model is None:
        return []
    result = _choices(STAGE, [row.model.stage.slug])
    return [{"model_version": row.model.version, "score": row.model.confidence, "result": [result]}]


def _choices(control: str, chosen: list[str]) -> dict[str, Any]:
    return {"from_name": control, "to_name": IMAGE, "type": "choices", "value": {"choices": chosen}}
