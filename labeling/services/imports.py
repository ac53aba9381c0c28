"""Many photos at once: from an archive, a folder, a table, or one by one from a browser.

An import never holds one transaction: each row commits on its own, progress and heartbeat every ``CHUNK`` rows. So it
can be killed and taken up again at any row: photos are recognised by their hash, labels by their value, and the counts
are made anew by the run that finishes.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from labeling import imaging
from labeling.domain.errors import DomainError, NotFound
from labeling.domain.stages import slug_of
from labeling.events import announce, import_requested
from labeling.models import GrowthStage, ImportBatch, Plant, Project, Site, User
from labeling.selectors.imports import LEASE, REPORT_LIMIT
from labeling.services.import_sources import ImportRow, ImportSource, SourceUnusable, ZipSource
from labeling.services.known_labels import known_label_state
from labeling.services.photos import PhotoReceived, photo_receive
from labeling.services.sites import plant_get_or_create, site_get_or_create
from labeling.storage_keys import archive_key

CHUNK = 25
MAX_ARCHIVE_BYTES = 8 * 2**30
QUIET_AFTER = timedelta(minutes=10)
DEFAULT_SITE = "Import"  # for plants of a table that names no site

Outcome = str  # "received", "duplicates" or "refused": the counter it goes to


def import_start(
    *,
    project: Project,
    name: str,
    label_use: str = ImportBatch.LabelUse.NONE,
    label_source: str = "",
    created_by: User | None = None,
    archive: BinaryIO | None = None,
    is_browser_batch: bool = False,
) -> ImportBatch:
    """Open an import: of ``archive`` (enqueued), of a browser (photos follow), or for ``import_run`` by the caller.

    Raises:
        DomainError: ``source_missing`` for prior annotations without a source; ``zip_damaged`` or ``too_large``.
    """
    if label_use == ImportBatch.LabelUse.PRIOR and not label_source.strip():
        raise DomainError("source_missing", "Say who gave the labels.", {"label_source": ["Needed for prior labels."]})
    key = _keep_archive(archive) if archive is not None else ""
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            project=project,
            name=name.strip()[:200] or "Import",
            label_use=label_use,
            label_source=label_source.strip()[:80],
            created_by=created_by,
            archive=key,
            state=ImportBatch.State.RUNNING if is_browser_batch else ImportBatch.State.PENDING,
            heartbeat_at=timezone.now() if is_browser_batch else None,
        )
        if key:
            announce(import_requested, import_batch_id=batch.pk)
    return batch


def import_run_archive(*, import_batch_id: int) -> ImportBatch:
    """Run the import of an uploaded archive; the archive is dropped once it is done.

    Raises:
        NotFound: there is no such import.
    """
    batch = _get(import_batch_id)
    if not batch.archive or not _claim(import_batch_id):
        return batch
    try:
        with default_storage.open(batch.archive, "rb") as opened:
            _run(batch, lambda: ZipSource(opened), None)  # type: ignore[arg-type]  # a Django File is a BinaryIO
    except FileNotFoundError:
        _finish(batch, error="The archive is no longer in storage.")
    batch.refresh_from_db()
    if batch.state == ImportBatch.State.DONE and not _is_archive_wanted(batch):
        default_storage.delete(batch.archive)
    return batch


def import_run(
    *,
    import_batch_id: int,
    source: ImportSource,
    on_progress: Callable[[ImportBatch], None] | None = None,
) -> ImportBatch:
    """Bring in all rows of ``source``; returns at once if the import is finished or another worker is at it.

    Args:
        import_batch_id: the import.
        source: its photos.
        on_progress: called with the import every ``CHUNK`` rows.

    Raises:
        NotFound: there is no such import.
    """
    batch = _get(import_batch_id)
    if _claim(import_batch_id):
        _run(batch, lambda: source, on_progress)
    batch.refresh_from_db()
    return batch


def import_photo_receive(*, batch: ImportBatch, stage_slug: str = "", **photo: Any) -> PhotoReceived:
    """One photo of a browser batch; ``photo`` is what ``photo_receive`` takes. Counted like a row of an archive.

    Raises:
        DomainError: the photo or its label is refused; the import's report has it.
    """
    tally = _Tally()
    try:
        with transaction.atomic():
            stage = _Stages(batch.project).named((stage_slug,)) if stage_slug else None
            received = photo_receive(**photo, project=batch.project, import_batch=batch)
            _state_label(batch, received, stage)
        tally.add(_outcome(batch, received))
    except DomainError as refusal:
        tally.refuse(0, photo.get("original_name", ""), refusal.code, refusal.message)
        raise
    finally:
        _count_one(batch, tally)
    return received


def browser_batches_close() -> int:
    """Call batches without an archive DONE when nothing has come for ``QUIET_AFTER``; returns how many."""
    quiet = ImportBatch.objects.filter(
        archive="", state=ImportBatch.State.RUNNING, heartbeat_at__lt=timezone.now() - QUIET_AFTER
    )
    return quiet.update(state=ImportBatch.State.DONE, finished_at=timezone.now())


# --- one run --------------------------------------------------------------------------------------------------------


@dataclass
class _Tally:
    """Counts and report of a run."""

    counts: dict[Outcome, int] = field(default_factory=lambda: {"received": 0, "duplicates": 0, "refused": 0})
    report: list[dict[str, Any]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.counts[outcome] += 1

    def refuse(self, row: int, name: str, code: str, message: str) -> None:
        self.counts["refused"] += 1
        if len(self.report) < REPORT_LIMIT:
            shown = name.replace("\x00", "?")[:255]  # PostgreSQL's JSON has no NUL
            self.report.append({"row": row, "name": shown, "code": code, "message": message})


def _run(
    batch: ImportBatch, open_source: Callable[[], ImportSource], on_progress: Callable[[ImportBatch], None] | None
) -> None:
    tally = _Tally()
    try:
        source = open_source()
        rows = _Rows(batch)
        for number, row in enumerate(source.rows(), start=1):
            rows.bring_in(row, tally)
            if number % CHUNK == 0:
                _save_progress(batch, tally, source.total)
                if on_progress is not None:
                    on_progress(batch)
        _save_progress(batch, tally, source.total)
    except SourceUnusable as unusable:
        _finish(batch, error=str(unusable))
    except Exception:
        _finish(batch, error="The import failed unexpectedly. What came in so far stays; run it again.")
        raise
    else:
        _finish(batch)


class _Rows:
    """Brings rows in, remembering the project's stages, sites and plants."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.stages = _Stages(batch.project)
        self.sites: dict[str, Site] = {}
        self.plants: dict[tuple[int, str], Plant] = {}

    def bring_in(self, row: ImportRow, tally: _Tally) -> None:
        """Photo and label in one transaction: after a crash a row is either all there or not at all."""
        if row.refused:
            tally.refuse(row.row, row.name, row.refused, row.message)
            return
        try:
            with transaction.atomic():
                received = self._receive(row)
            tally.add(_outcome(self.batch, received))
        except DomainError as refusal:
            tally.refuse(row.row, row.name, refusal.code, refusal.message)
        except imaging.ImageRefused as refusal:
            tally.refuse(row.row, row.name, refusal.code, str(refusal))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            tally.refuse(row.row, row.name, "truncated", f"The file cannot be read: {error}")

    def _receive(self, row: ImportRow) -> PhotoReceived:
        is_labelled = self.batch.label_use != ImportBatch.LabelUse.NONE
        stage = self.stages.named(row.labels) if is_labelled and row.labels else None
        site, plant = self._place(row)
        with row.opener() as stream, _sniffed(stream) as whole:
            received = photo_receive(
                project=self.batch.project,
                stream=whole,
                original_name=row.name,
                uploaded_by=self.batch.created_by,
                site=site,
                plant=plant,
                taken_at=_time(row.taken_at, site),
                import_batch=self.batch,
            )
        _state_label(self.batch, received, stage)
        return received

    def _place(self, row: ImportRow) -> tuple[Site | None, Plant | None]:
        name = row.site or (DEFAULT_SITE if row.plant else "")
        if not name:
            return None, None
        if name not in self.sites:
            self.sites[name] = site_get_or_create(project=self.batch.project, name=name)[0]
        site = self.sites[name]
        if not row.plant:
            return site, None
        key = (site.pk, row.plant)
        if key not in self.plants:
            self.plants[key] = plant_get_or_create(site=site, name=row.plant)[0]
        return site, self.plants[key]


class _Stages:
    """Finds a stage of the current scale by any of its names."""

    def __init__(self, project: Project) -> None:
        self._by_name: dict[str, GrowthStage] = {}
        stages = GrowthStage.objects.filter(scale__project=project, scale__status="current").order_by("position")
        for stage in stages:
            for name in (stage.slug, slug_of(stage.name_en), slug_of(stage.name_es)):
                self._by_name.setdefault(name, stage)

    def named(self, labels: tuple[str, ...]) -> GrowthStage:
        """The stage that the first recognised label names.

        Raises:
            DomainError: ``unknown_label``, if none does.
        """
        for label in labels:
            stage = self._by_name.get(label) or self._by_name.get(slug_of(label))
            if stage is not None:
                return stage
        raise DomainError("unknown_label", f"The scale has no stage called {labels[0]!r}.")


@contextmanager
def _sniffed(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The stream from its start, once its first bytes are those of a photo. A file of 40 MB at most is held."""
    with tempfile.SpooledTemporaryFile(max_size=imaging.MAX_BYTES + 1) as whole:
        whole.write(stream.read(imaging.MAX_BYTES + 1))
        whole.seek(0)
        imaging.sniff(whole.read(2048))
        whole.seek(0)
        yield whole  # type: ignore[misc]  # a spooled file reads like any other


def _state_label(batch: ImportBatch, received: PhotoReceived, stage: GrowthStage | None) -> None:
    if stage is not None:
        known_label_state(photo_id=received.photo.pk, stage=stage, label_use=batch.label_use, source=batch.label_source)


def _outcome(batch: ImportBatch, received: PhotoReceived) -> Outcome:
    """A photo this very import brought in before it was interrupted is no duplicate."""
    return "received" if received.created or received.photo.import_batch_id == batch.pk else "duplicates"


def _time(text: str, site: Site | None) -> datetime | None:
    if not text:
        return None
    try:
        taken_at = datetime.fromisoformat(text)
    except ValueError:
        raise DomainError("bad_time", f"{text!r} is not a time like 2026-05-01T10:30.") from None
    return taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=ZoneInfo(site.timezone if site else "UTC"))


# --- the import's own row -------------------------------------------------------------------------------------------


def _get(import_batch_id: int) -> ImportBatch:
    batch = ImportBatch.objects.filter(pk=import_batch_id).select_related("project", "created_by").first()
    if batch is None:
        raise NotFound("import_not_found", "There is no such import.")
    return batch


def _claim(import_batch_id: int) -> bool:
    """Take the import, if nobody has it or its holder has been silent for a lease. One statement decides."""
    now = timezone.now()
    free = Q(state=ImportBatch.State.PENDING) | Q(state=ImportBatch.State.RUNNING, heartbeat_at__lt=now - LEASE)
    taken = ImportBatch.objects.filter(free, pk=import_batch_id)
    return taken.update(state=ImportBatch.State.RUNNING, heartbeat_at=now) == 1


def _save_progress(batch: ImportBatch, tally: _Tally, total: int) -> None:
    batch.total, batch.report, batch.heartbeat_at = total, tally.report, timezone.now()
    batch.received, batch.duplicates, batch.refused = tally.counts.values()
    batch.save(update_fields=["total", "received", "duplicates", "refused", "report", "heartbeat_at"])


def _finish(batch: ImportBatch, *, error: str = "") -> None:
    batch.state = ImportBatch.State.FAILED if error else ImportBatch.State.DONE
    batch.error, batch.finished_at = error, timezone.now()
    batch.save(update_fields=["state", "error", "finished_at"])


@transaction.atomic
def _count_one(batch: ImportBatch, tally: _Tally) -> None:
    row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    row.total = F("total") + 1
    for name, count in tally.counts.items():
        setattr(row, name, F(name) + count)
    row.report = [*row.report, *tally.report][:REPORT_LIMIT]
    row.state, row.heartbeat_at, row.finished_at = ImportBatch.State.RUNNING, timezone.now(), None
    row.save()


def _keep_archive(archive: BinaryIO) -> str:
    """Store an uploaded ZIP under its hash, without holding it in memory."""
    if not zipfile.is_zipfile(archive):
        raise DomainError("zip_damaged", "This file is not a ZIP archive.", {"archive": ["Not a ZIP archive."]})
    archive.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := archive.read(2**20):
        digest.update(chunk)
        size += len(chunk)
        if size > MAX_ARCHIVE_BYTES:
            raise DomainError("too_large", f"The archive is larger than {MAX_ARCHIVE_BYTES >> 30} GB.")
    archive.seek(0)
    key = archive_key(digest.hexdigest())
    if not default_storage.exists(key) or default_storage.size(key) != size:
        default_storage.save(key, File(archive))
    return key


def _is_archive_wanted(batch: ImportBatch) -> bool:
    unfinished = Q(state__in=[ImportBatch.State.PENDING, ImportBatch.State.RUNNING])
    return ImportBatch.objects.filter(unfinished, archive=batch.archive).exclude(pk=batch.pk).exists()
