"""What an export says, whatever its format: rows, each a label of a photo, and what holds for all of them.

Rows are named tuples, not dataclasses: a hundred thousand of them are made for one export, and these are made in C.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal, NamedTuple

Unit = Literal["consensus", "annotation"]
LabelKind = Literal["stage", "between", "cannot_tell", "unusable", "undecidable"]
"""As ``Annotation.Kind``, and the outcome "undecidable" of a consensus."""

PLACE_DECIMALS = 2
"""Places leave coarsened to a hundredth of a degree, about a kilometre: a field is not found by it."""


class Stage(NamedTuple):
    """A stage of the scale that was current at export."""

    position: int
    slug: str
    name_es: str
    name_en: str
    bbch_first: str
    bbch_last: str

    @property
    def bbch(self) -> str:
        """A code (65), a range (61-65), or nothing where the scale names none."""
        return self.bbch_first if self.bbch_first == self.bbch_last else f"{self.bbch_first}-{self.bbch_last}"


class PhotoFacts(NamedTuple):
    """The photo of a row. ``place`` is (latitude, longitude), coarsened; ``taken_at`` is in the site's zone."""

    photo_id: int
    sha256: str
    original_name: str
    site: str
    plant: str
    taken_at: datetime | None
    width: int
    height: int
    camera: str
    is_held_out: bool
    group: str
    place: tuple[float, float] | None


class LabelFacts(NamedTuple):
    """What is said of it. ``source`` is empty for a consensus; what only one unit has is empty for the other."""

    kind: LabelKind
    stage: Stage | None
    stage_upper: Stage | None
    source: str
    reason: str
    note: str
    decided_at: datetime
    mode: str = ""
    is_blind: bool | None = None
    lead_time_ms: int | None = None
    distribution: tuple[float, ...] = ()
    quality: float | None = None
    agreement: float | None = None
    n_annotations: int | None = None
    is_gold: bool | None = None
    is_adjudicated: bool | None = None


class ModelFacts(NamedTuple):
    """What a model suggested for it last."""

    stage: Stage
    confidence: float
    version: str


class DatasetRow(NamedTuple):
    """One label of one photo. ``path`` is where the photo lies in an export that has photos, else empty."""

    photo: PhotoFacts
    label: LabelFacts
    model: ModelFacts | None
    path: str = ""


class DatasetHeader(NamedTuple):
    """What holds for all rows of an export."""

    project: str
    slug: str
    description: str
    unit: Unit
    exported_at: datetime
    licence: str
    scale_version: int
    is_ordered: bool
    stages: tuple[Stage, ...]
    policy: tuple[tuple[str, str], ...]
    imports: tuple[tuple[str, str], ...]
    has_places: bool
    has_names: bool
    revision: str


COLUMNS = (
    "sha256", "photo_id", "original_name", "site", "plant", "taken_at", "width", "height", "camera", "is_held_out",
    "group_key", "kind", "stage", "stage_position", "stage_name_es", "stage_name_en", "bbch_first", "bbch_last",
    "stage_upper", "source", "reason", "note", "decided_at", "mode", "is_blind", "lead_time_ms", "distribution",
    "quality", "agreement", "n_annotations", "is_gold", "is_adjudicated", "suggested_stage", "suggestion_confidence",
    "model_version", "latitude", "longitude",
)  # fmt: skip
"""Of the table formats, in order; ``path`` comes before them where there are photos."""

_NO_STAGE = Stage(-1, "", "", "", "", "")


def cells(row: DatasetRow) -> tuple[Any, ...]:
    """The values of ``COLUMNS``: str, int, float, bool, a list of floats, or None. Times are ISO 8601 with offset."""
    photo, label, model, _ = row
    stage = label.stage
    named = stage or _NO_STAGE
    latitude, longitude = photo.place or (None, None)
    return (
        photo.sha256, photo.photo_id, photo.original_name, photo.site, photo.plant, _time(photo.taken_at),
        photo.width, photo.height, photo.camera, photo.is_held_out, photo.group,
        label.kind, named.slug, stage.position if stage else None, named.name_es, named.name_en,
        named.bbch_first, named.bbch_last, label.stage_upper.slug if label.stage_upper else "",
        label.source, label.reason, label.note, _time(label.decided_at), label.mode, label.is_blind,
        label.lead_time_ms, list(label.distribution), label.quality, label.agreement, label.n_annotations,
        label.is_gold, label.is_adjudicated,
        model.stage.slug if model else "", model.confidence if model else None, model.version if model else "",
        latitude, longitude,
    )  # fmt: skip


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False).encode


def canonical_line(row: DatasetRow) -> bytes:
    """The row as one line of JSON, without the path: the same in every format, so that its hash names the content.

    A JSON Lines export without photos is these lines, so its SHA-256 is the content hash.
    """
    return _ENCODE(dict(zip(COLUMNS, cells(row), strict=True))).encode() + b"\n"


def json_line(row: DatasetRow, **more: Any) -> bytes:
    """As :func:`canonical_line`, with ``path`` before it where the row has one, and ``more`` behind it."""
    if not row.path and not more:
        return canonical_line(row)
    first = {"path": row.path} if row.path else {}
    return _ENCODE({**first, **dict(zip(COLUMNS, cells(row), strict=True)), **more}).encode() + b"\n"


def coarsened(latitude: float, longitude: float) -> tuple[float, float]:
    """A place as it may leave the installation."""
    return round(latitude, PLACE_DECIMALS), round(longitude, PLACE_DECIMALS)


def _time(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
