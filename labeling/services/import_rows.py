"""One row of an import: the photo comes in, its labels with it, or it is refused and the report says why.

A dry run goes the same way: each row's transaction is rolled back instead of committed, no bytes are stored, and the
pixels are looked at here and now, which otherwise the workers do. What a row would meet of the rows before it is
remembered, since it is not in the database.
"""

from __future__ import annotations

import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from django.db import transaction

from labeling import imaging
from labeling.domain.errors import DomainError
from labeling.models import ImportBatch, Photo, Plant, Site, Suggestion
from labeling.services.import_formats.rows import ImportRow, ModelStatement
from labeling.services.import_known_rows import IMPORTED_MODEL, VERSION_LENGTH, KnownRows, is_known_row
from labeling.services.import_labels import Stages, storable, time_of
from labeling.services.import_tally import Tally, outcome_of
from labeling.services.known_labels import known_labels_state
from labeling.services.label_book import StatedLabel
from labeling.services.photos import PhotoReceived, photo_receive
from labeling.services.queue import suggestions_record
from labeling.services.sites import plant_get_or_create, site_get_or_create
from labeling.services.stored_bytes import bytes_keep, bytes_keep_not

DEFAULT_SITE = "Import"  # for plants of a source that names no site


class Rows:
    """Brings rows in, remembering the project's stages, sites and plants."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.stages = Stages(batch.project)
        self._sites: dict[str, Site] = {}
        self._plants: dict[tuple[int, str], Plant] = {}
        self._new_sites: dict[str, Site] = {}
        self._new_plants: dict[tuple[int, str], Plant] = {}
        self._rehearsed: dict[str, list[StatedLabel]] = {}
        self._last: tuple[str, PhotoReceived] | None = None
        self._known = KnownRows(batch, self.stages, self._rehearsed)

    def bring_in_each(self, rows: Sequence[ImportRow], tally: Tally, *, every_s: float) -> Iterator[None]:
        """Rows of one chunk: those without a file together, others one by one.

        Yields when all are through, and after each that ends ``every_s`` or more seconds after the last time: then
        progress is to be saved, and whether to go on to be asked.
        """
        if is_known_row(rows[0]):
            self._known.bring_in(rows, tally)
        else:
            last = time.monotonic()
            for row in rows:
                self.bring_in(row, tally)
                if time.monotonic() - last >= every_s:
                    yield
                    last = time.monotonic()
        yield

    def bring_in(self, row: ImportRow, tally: Tally) -> None:
        """Photo and labels in one transaction: after a crash a row is either all there or not at all."""
        try:
            with transaction.atomic():
                received = self._receive(row)
                if self.batch.is_dry_run:
                    transaction.set_rollback(True)
            self._remember(row, received)
            tally.add(outcome_of(self.batch, received.photo, created=received.created))
        except DomainError as refusal:
            tally.refuse(self.batch, row.row, row.name, refusal.code, refusal.message)
        except imaging.ImageRefused as refusal:
            tally.refuse(self.batch, row.row, row.name, refusal.code, str(refusal))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            tally.refuse(self.batch, row.row, row.name, "truncated", f"The file cannot be read: {error}")
        finally:
            self._new_sites, self._new_plants = {}, {}

    def _remember(self, row: ImportRow, received: PhotoReceived) -> None:
        """What the committed row made: of one that was rolled back, nothing is there."""
        if not self.batch.is_dry_run:
            self._sites.update(self._new_sites)
            self._plants.update(self._new_plants)
            self._last = _identity(row), received

    def _receive(self, row: ImportRow) -> PhotoReceived:
        is_labelled = self.batch.label_use != ImportBatch.LabelUse.NONE
        labels = self.stages.stated(row, source=self.batch.label_source) if is_labelled else []
        received = self._photo(row)
        earlier = self._rehearsed.get(received.photo.sha256, []) if self.batch.is_dry_run else []
        labels_state(self.batch, received.photo, [*earlier, *labels])
        if self.batch.is_dry_run and labels:
            self._rehearsed.setdefault(received.photo.sha256, []).extend(labels)
        if row.model is not None:
            self._suggest(received.photo, row.model)
        return received

    def _photo(self, row: ImportRow) -> PhotoReceived:
        """The photo of a row: its file, or the one the project knows by the hash that the source claims."""
        if self._last is not None and self._last[0] == _identity(row):
            return self._last[1]  # a table may say several things about one photo
        assert row.opener is not None
        site, plant = self._place(row)
        with row.opener() as stream, sniffed(stream) as whole:
            received = photo_receive(
                project=self.batch.project,
                stream=whole,
                original_name=row.original_name or row.name,
                uploaded_by=self.batch.created_by,
                site=site,
                plant=plant,
                taken_at=time_of(row.taken_at, site),
                import_batch=self.batch,
                keep=bytes_keep_not if self.batch.is_dry_run else bytes_keep,
            )
            if self.batch.is_dry_run and received.created:
                whole.seek(0)
                imaging.read_upright(whole.read())
        return received

    def _place(self, row: ImportRow) -> tuple[Site | None, Plant | None]:
        name, plant_name = storable(row.site or (DEFAULT_SITE if row.plant else "")), storable(row.plant)
        if not name:
            return None, None
        site = self._sites.get(name) or site_get_or_create(project=self.batch.project, name=name)[0]
        self._new_sites[name] = site
        if not plant_name:
            return site, None
        plant = self._plants.get((site.pk, plant_name)) or plant_get_or_create(site=site, name=plant_name)[0]
        self._new_plants[site.pk, plant_name] = plant
        return site, plant

    def _suggest(self, photo: Photo, model: ModelStatement) -> None:
        """Keep a prediction that came along, unless a model of ours has already had its say."""
        stage = self.stages.named(model.labels)
        if not Suggestion.objects.filter(photo=photo).exists():
            suggestions_record(
                project_id=self.batch.project_id,
                model_version=storable(model.version)[:VERSION_LENGTH] or IMPORTED_MODEL,
                photo_ids=[photo.pk],
                positions=[stage.position],
                confidences=[model.confidence],
            )


def labels_state(batch: ImportBatch, photo: Photo, labels: Sequence[StatedLabel]) -> None:
    """State labels of a photo in the way the import says."""
    known_labels_state(photo_id=photo.pk, labels=labels, label_use=batch.label_use, source=batch.label_source)


@contextmanager
def sniffed(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The stream from its start, once its first bytes are those of a photo. A file of 40 MB at most is held."""
    with tempfile.SpooledTemporaryFile(max_size=imaging.MAX_BYTES + 1) as whole:
        whole.write(stream.read(imaging.MAX_BYTES + 1))
        whole.seek(0)
        imaging.sniff(whole.read(2048))
        whole.seek(0)
        yield whole  # type: ignore[misc]  # a spooled file reads like any other


def _identity(row: ImportRow) -> str:
    return f"{row.name}\x00{row.sha256}"
