"""Rows as COCO: image-level categories, what else is known of a label in ``attributes``.

A box over the whole picture goes with each annotation, because loaders of COCO expect one. The annotations wait in a
temporary file while the images are written: the two are separate lists, and the rows come once.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from labeling.domain.dataset import DatasetHeader, DatasetRow, PhotoFacts
from labeling.services.export_formats.contract import CHUNK_BYTES

REFUSALS = ("cannot_tell", "unusable", "undecidable")
"""Categories after the stages, for labels that name none."""
SPOOL_BYTES = 8 * 2**20

Size = tuple[int, int]


class CocoWriter:
    """``info``, ``licenses``, ``categories``, ``images``, ``annotations``; ids of images are those of our photos."""

    def __init__(
        self,
        header: DatasetHeader,
        *,
        has_photos: bool = False,
        size_of: Callable[[PhotoFacts], Size] = lambda photo: (photo.width, photo.height),
    ) -> None:
        self._header = header
        self._size_of = size_of
        self._category = {stage.slug: stage.position + 1 for stage in header.stages}
        self._category |= {kind: len(header.stages) + 1 + n for n, kind in enumerate(REFUSALS)}
        self._annotations = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - closed by finish
        self._last_photo = -1
        self._n_annotations = 0

    def begin(self) -> bytes:
        header = self._header
        stages = [
            {"id": s.position + 1, "name": s.slug, "supercategory": "stage", "name_en": s.name_en, "name_es": s.name_es,
             "bbch": s.bbch} for s in header.stages
        ]  # fmt: skip
        others = [{"id": self._category[k], "name": k, "supercategory": "refusal"} for k in REFUSALS]
        top = {
            "info": {"description": header.project, "date_created": header.exported_at.isoformat(), "version": "1"},
            "licenses": [{"id": 1, "name": header.licence or "unspecified", "url": ""}],
            "categories": stages + others,
        }
        return _dump(top)[:-1] + b',"images":['

    def add(self, row: DatasetRow) -> bytes:
        width, height = self._size_of(row.photo)
        self._note(row, width, height)
        if row.photo.photo_id == self._last_photo:
            return b""
        separator = b"," if self._last_photo >= 0 else b""
        self._last_photo = row.photo.photo_id
        return separator + _dump(_image(row, width, height))

    def finish(self) -> Iterator[bytes]:
        yield b'],"annotations":['
        self._annotations.seek(0)
        while chunk := self._annotations.read(CHUNK_BYTES):
            yield chunk
        self._annotations.close()
        yield b"]}\n"

    def _note(self, row: DatasetRow, width: int, height: int) -> None:
        label = row.label
        self._n_annotations += 1
        annotation = {
            "id": self._n_annotations,
            "image_id": row.photo.photo_id,
            "category_id": self._category[label.stage.slug if label.stage else label.kind],
            "bbox": [0, 0, width, height],
            "area": width * height,
            "iscrowd": 0,
            "attributes": label_attributes(row),
        }
        self._annotations.write((b"," if self._n_annotations > 1 else b"") + _dump(annotation))


def label_attributes(row: DatasetRow) -> dict[str, Any]:
    """What is known of a label beside its stage, without what is empty."""
    label = row.label
    known = {
        "kind": label.kind,
        "stage_upper": label.stage_upper.slug if label.stage_upper else None,
        "source": label.source,
        "reason": label.reason,
        "note": label.note,
        "decided_at": label.decided_at.isoformat(),
        "mode": label.mode,
        "is_blind": label.is_blind,
        "lead_time_ms": label.lead_time_ms,
        "distribution": list(label.distribution),
        "quality": label.quality,
        "agreement": label.agreement,
        "n_annotations": label.n_annotations,
        "is_gold": label.is_gold,
        "is_adjudicated": label.is_adjudicated,
    }
    return {name: value for name, value in known.items() if value not in (None, "", [])}


def photo_attributes(row: DatasetRow) -> dict[str, Any]:
    """What is known of a photo, without what is empty."""
    photo, model = row.photo, row.model
    known = {
        "sha256": photo.sha256,
        "original_name": photo.original_name,
        "site": photo.site,
        "plant": photo.plant,
        "taken_at": photo.taken_at.isoformat() if photo.taken_at else None,
        "camera": photo.camera,
        "group_key": photo.group,
        "is_held_out": photo.is_held_out,
        "latitude": photo.place[0] if photo.place else None,
        "longitude": photo.place[1] if photo.place else None,
        "suggested_stage": model.stage.slug if model else None,
        "suggestion_confidence": model.confidence if model else None,
        "model_version": model.version if model else None,
    }
    return {name: value for name, value in known.items() if value not in (None, "")}


def _image(row: DatasetRow, width: int, height: int) -> dict[str, Any]:
    photo = row.photo
    named = {"id": photo.photo_id, "file_name": row.path or f"photos/{photo.sha256}", "width": width, "height": height}
    return {**named, "license": 1, "date_captured": str(photo.taken_at or ""), "attributes": photo_attributes(row)}


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
