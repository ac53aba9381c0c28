"""Photos in a folder per class, apart for training and evaluation, as Keras, torchvision and Hugging Face read them.

``train/<stage>/<photo>`` is what ``image_dataset_from_directory`` wants; ``train/metadata.jsonl`` beside it is what
Hugging Face's imagefolder reads, with all that is known of each photo.
"""

from __future__ import annotations

from collections.abc import Iterator

from labeling.domain.dataset import DatasetHeader, DatasetRow, json_line
from labeling.services.export_formats.bundles import TEST, TRAIN, Layout, split_of

METADATA = "metadata.jsonl"


class MetadataWriter:
    """One line per photo; ``file_name`` is relative to the folder that the file lies in, as imagefolder has it."""

    def __init__(self, header: DatasetHeader, *, has_photos: bool = True) -> None:
        pass

    def begin(self) -> bytes:
        return b""

    def add(self, row: DatasetRow) -> bytes:
        name = row.path.split("/", 1)[1]
        return json_line(row._replace(path=""), file_name=name, label=row.label.stage.slug if row.label.stage else "")

    def finish(self) -> Iterator[bytes]:
        return iter(())


def image_folder_layout() -> Layout:
    """Split, then stage, then the photo under its hash."""
    return Layout(
        path_of=lambda row, suffix: (
            f"{split_of(row)}/{row.label.stage.slug if row.label.stage else '_'}/{row.photo.sha256}.{suffix}"
        ),
        table_of=lambda row: f"{split_of(row)}/{METADATA}",
        tables=(f"{TRAIN}/{METADATA}", f"{TEST}/{METADATA}"),
    )
