"""All formats: what each is called, may hold, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, get_args

from labeling.domain.dataset import DatasetHeader, DatasetRow, PhotoFacts, Unit
from labeling.domain.dataset_card import DatasetTally, dataset_card
from labeling.domain.errors import DomainError
from labeling.imaging import MODEL_SHORT_SIDE, VIEW_SIDE
from labeling.services.export_formats.bundles import Layout, Missing, record_bundle, table_bundle
from labeling.services.export_formats.coco import CocoWriter
from labeling.services.export_formats.contract import DatasetWriter, written
from labeling.services.export_formats.image_folder import MetadataWriter, image_folder_layout
from labeling.services.export_formats.label_studio import LabelStudioWriter, label_studio_config
from labeling.services.export_formats.npn import NpnWriter
from labeling.services.export_formats.parquet import ParquetWriter
from labeling.services.export_formats.tables import CsvWriter, JsonLinesWriter

PhotoChoice = Literal["none", "model", "view", "original"]
PHOTO_CHOICES: tuple[PhotoChoice, ...] = get_args(PhotoChoice)
UNITS: tuple[Unit, ...] = get_args(Unit)
ZIP_TYPE = "application/zip"
_ANY: tuple[PhotoChoice, ...] = ("none", "model", "view", "original")

RowsWithPhotos = Iterable[tuple[DatasetRow, tuple[bytes, str] | None]]


@dataclass(frozen=True)
class ExportFormat:
    """One format.

    Attributes:
        name: stable, for the API and the command line.
        form: for the card.
        suffix: of a file without photos.
        content_type: of a file without photos.
        table: name of the table in a ZIP.
        writer: makes the writer of a table.
        photos: choices it allows, its default first.
        units: it allows.
        is_stages_only: rows that name no stage have no place in it.
    """

    name: str
    form: str
    suffix: str
    content_type: str
    table: str
    writer: Callable[..., DatasetWriter]
    photos: tuple[PhotoChoice, ...] = _ANY
    units: tuple[Unit, ...] = UNITS
    is_stages_only: bool = False


FORMATS: dict[str, ExportFormat] = {
    it.name: it
    for it in (
        ExportFormat("csv", "CSV", "csv", "text/csv; charset=utf-8", "labels.csv", CsvWriter),
        ExportFormat("jsonl", "JSON Lines", "jsonl", "application/x-ndjson", "labels.jsonl", JsonLinesWriter),
        ExportFormat(
            "parquet", "Apache Parquet", "parquet", "application/vnd.apache.parquet", "labels.parquet", ParquetWriter
        ),
        ExportFormat("coco", "COCO, image categories", "json", "application/json", "annotations.json", CocoWriter),
        ExportFormat("label_studio", "Label Studio tasks", "json", "application/json", "tasks.json", LabelStudioWriter),
        ExportFormat(
            "image_folder", "a folder per class, with metadata.jsonl (Keras, Hugging Face)", "zip", ZIP_TYPE,
            "", MetadataWriter, photos=("view", "model", "original"), units=("consensus",), is_stages_only=True,
        ),
        ExportFormat(
            "tfrecord", "TFRecord files of tf.train.Example", "zip", ZIP_TYPE, "", MetadataWriter,
            photos=("model", "original"),
        ),
        ExportFormat(
            "npn", "status observations as in USA-NPN's Nature's Notebook", "csv", "text/csv; charset=utf-8",
            "status.csv", NpnWriter, photos=("none",),
        ),
    )
}  # fmt: skip


@dataclass
class Written:
    """What is known of an export once its bytes are through."""

    tally: DatasetTally = field(default_factory=DatasetTally)
    missing: Missing = field(default_factory=Missing)
    card: str = ""


def format_named(name: str, *, unit: str, photos: str) -> tuple[ExportFormat, PhotoChoice]:
    """The format, and the photos that go with it; "" asks for its default.

    Raises:
        DomainError: "format_unknown", "unit_unsupported" or "photos_unsupported".
    """
    spec = FORMATS.get(name)
    if spec is None:
        raise DomainError("format_unknown", f"There is no format {name!r}.", {"format": [f"One of {list(FORMATS)}."]})
    if unit not in spec.units:
        raise DomainError("unit_unsupported", f"{name} holds one label per photo.", {"unit": [f"{list(spec.units)}"]})
    choice = photos or spec.photos[0]
    for allowed in spec.photos:
        if choice == allowed:
            return spec, allowed
    raise DomainError("photos_unsupported", f"{name} takes other photos.", {"photos": [f"One of {list(spec.photos)}."]})


def is_bundle(photos: str) -> bool:
    """Whether the export is a ZIP."""
    return photos != "none"


def export_chunks(
    spec: ExportFormat, *, header: DatasetHeader, photos: PhotoChoice, rows: RowsWithPhotos, outcome: Written
) -> Iterator[bytes]:
    """The bytes of an export; ``outcome`` is filled in as they come.

    Args:
        spec: the format.
        header: what holds for all rows.
        photos: which photos go with it.
        rows: each with its photo, or None where ``photos`` is "none".
        outcome: gets counts, hash and what was left out.
    """
    if spec.is_stages_only:
        rows = ((row, photo) for row, photo in rows if row.label.kind == "stage")
    tally = outcome.tally
    if not is_bundle(photos):
        return written(spec.writer(header), _counted(rows, tally))
    common: dict[str, Any] = {
        "on_row": tally.add,
        "card": lambda: export_card(spec, header=header, outcome=outcome),
        "missing": outcome.missing,
    }
    if spec.name == "tfrecord":
        return record_bundle(rows, n_stages=len(header.stages), **common)
    size_of = {"size_of": partial(_size_in_bundle, photos)} if spec.writer is CocoWriter else {}
    beside = {"label-studio.xml": label_studio_config(header)} if spec.name == "label_studio" else {}
    layout = image_folder_layout() if spec.name == "image_folder" else _flat_layout(spec)
    writer = partial(spec.writer, header, has_photos=True, **size_of)
    return table_bundle(rows, layout=layout, writer=writer, beside=beside, **common)


def export_card(spec: ExportFormat, *, header: DatasetHeader, outcome: Written) -> str:
    """The card of an export whose rows are through."""
    card = dataset_card(header, outcome.tally, form=spec.form)
    if n_missing := len(outcome.missing.photo_ids):
        card += f"- Left out, because their files were not in storage: {n_missing} photos\n"
    return card


def _counted(rows: RowsWithPhotos, tally: DatasetTally) -> Iterator[DatasetRow]:
    for row, _ in rows:
        tally.add(row)
        yield row


def _flat_layout(spec: ExportFormat) -> Layout:
    return Layout(
        path_of=lambda row, suffix: f"photos/{row.photo.sha256}.{suffix}",
        table_of=lambda row: spec.table,
        tables=(spec.table,),
    )


def _size_in_bundle(photos: PhotoChoice, photo: PhotoFacts) -> tuple[int, int]:
    """Pixels of the file that goes into the bundle; an original counts upright."""
    width, height = photo.width, photo.height
    if photos == "view":
        scale = min(1.0, VIEW_SIDE / max(width, height, 1))
    elif photos == "model":
        scale = MODEL_SHORT_SIDE / max(1, min(width, height))
    else:
        scale = 1.0
    return max(1, round(width * scale)), max(1, round(height * scale))
