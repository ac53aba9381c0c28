"""Many photos at once: from an archive, a folder, a table, or one by one from a browser.

An import never holds one transaction: each row with a file commits on its own, rows without one by the chunk; counts,
refusals and heartbeat follow every chunk.
So it can be killed and taken up again: the run that takes it up goes on behind the last chunk that was counted, and
what came in after it is recognised, photos by their hash, labels by their value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, BinaryIO

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from labeling.domain.errors import Conflict, DomainError, NotFound
from labeling.events import announce, import_requested
from labeling.models import Annotation, ImportBatch, ImportRefusal, Project, User, WebhookEvent
from labeling.selectors.imports import LEASE
from labeling.selectors.leases import silent_for
from labeling.services.import_archives import archive_drop, archive_keep
from labeling.services.import_formats.detection import AUTO, FORMATS, source_of_upload
from labeling.services.import_formats.rows import ImportRow, ImportSource, SourceUnusable
from labeling.services.import_known_rows import is_known_row
from labeling.services.import_labels import Stages, storable
from labeling.services.import_rows import Rows, labels_state
from labeling.services.import_tally import Tally, outcome_of
from labeling.services.label_book import StatedLabel
from labeling.services.photos import PhotoReceived, photo_receive
from labeling.services.webhooks import webhook_record

CHUNK = 25
KNOWN_CHUNK = 500
"""Of rows that bring no file: they share a transaction, which holds their photos locked for as long as it takes."""
QUIET_AFTER = timedelta(minutes=10)
SAVED_EVERY_S = 1.0
"""How long an import runs on that was cancelled, a row aside."""


class ImportTaken(Exception):  # not an error: another worker has it, or nobody any more
    """The import no longer belongs to this run, or was cancelled."""


def import_start(
    *,
    project: Project,
    name: str,
    label_use: str = ImportBatch.LabelUse.NONE,
    label_source: str = "",
    created_by: User | None = None,
    archive: BinaryIO | None = None,
    is_browser_batch: bool = False,
    form: str = AUTO,
    is_dry_run: bool = False,
    rehearsal: ImportBatch | None = None,
) -> ImportBatch:
    """Open an import: of an archive (enqueued), of a browser (photos follow), or for ``import_run`` by the caller.

    Args:
        project: that the photos go to.
        name: as people see it.
        label_use: what labels that come along are.
        label_source: who gave prior labels, where the archive does not say.
        created_by: who asked.
        archive: a ZIP, or a table about photos that the project has.
        is_browser_batch: photos follow one by one.
        form: what the source is; one of ``FORMATS``.
        is_dry_run: only tell what would come in.
        rehearsal: an earlier import, dry, failed or cancelled, whose archive, still kept, is to be imported now.

    Raises:
        DomainError: ``source_missing`` for prior annotations without a source, ``form_unknown``, ``archive_missing``,
            ``zip_damaged`` or ``too_large``.
    """
    if label_use == ImportBatch.LabelUse.PRIOR and not label_source.strip():
        raise DomainError("source_missing", "Say who gave the labels.", {"label_source": ["Needed for prior labels."]})
    if form not in FORMATS:
        raise DomainError("form_unknown", "There is no such form.", {"form": [f"One of {', '.join(FORMATS)}."]})
    if is_dry_run and is_browser_batch:
        raise DomainError("archive_missing", "A dry run needs an archive.", {"archive": ["Needed for a dry run."]})
    if rehearsal is not None and not (rehearsal.archive and default_storage.exists(rehearsal.archive)):
        raise DomainError("archive_missing", "Its archive is no longer kept. Send it again.")
    key = rehearsal.archive if rehearsal is not None else archive_keep(archive) if archive is not None else ""
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            project=project,
            name=name.strip()[:200] or "Import",
            label_use=label_use,
            label_source=label_source.strip()[:80],
            created_by=created_by,
            form=form,
            is_dry_run=is_dry_run,
            archive=key,
            state=ImportBatch.State.RUNNING if is_browser_batch else ImportBatch.State.PENDING,
            heartbeat_at=Now() if is_browser_batch else None,
        )
        batch.refresh_from_db(fields=["heartbeat_at"])
        if key:
            announce(import_requested, import_batch_id=batch.pk)
    return batch


def import_run_archive(*, import_batch_id: int) -> ImportBatch:
    """Run the import of an uploaded archive; the archive is dropped once it is done, after a dry run a day later.

    Raises:
        NotFound: there is no such import.
    """
    batch = _get(import_batch_id)
    if not batch.archive or not _claim(batch):
        return batch
    try:
        with default_storage.open(batch.archive, "rb") as opened:
            _run(batch, lambda: source_of_upload(opened, batch.form), None)  # type: ignore[arg-type]  # a File reads
    except FileNotFoundError:
        _finish(batch, code="archive_lost", error="The archive is no longer in storage.")
    batch.refresh_from_db()
    if batch.state == ImportBatch.State.DONE and not batch.is_dry_run:
        archive_drop(batch=batch)
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
        source: its photos; the same as before, if the import was interrupted.
        on_progress: called with the import every ``CHUNK`` rows.

    Raises:
        NotFound: there is no such import.
    """
    batch = _get(import_batch_id)
    if _claim(batch):
        _run(batch, lambda: source, on_progress)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def import_cancel(*, batch: ImportBatch) -> None:
    """Stop an import: whoever is at it notices within ``SAVED_EVERY_S``. What came in stays, and is reported.

    Its archive is kept for a day, so that it can be imported after all. An import that is cancelled stays as it is.

    Raises:
        Conflict: ``import_over``, it is done or has failed.
    """
    going = ImportBatch.objects.filter(pk=batch.pk, state__in=[ImportBatch.State.PENDING, ImportBatch.State.RUNNING])
    if going.update(state=ImportBatch.State.CANCELLED, finished_at=timezone.now()):
        batch.refresh_from_db()
        _tell_end(batch, batch.state)
    elif not ImportBatch.objects.filter(pk=batch.pk, state=ImportBatch.State.CANCELLED).exists():
        raise Conflict("import_over", "The import is over.")


def import_photo_receive(*, batch: ImportBatch, stage_slug: str = "", **photo: Any) -> PhotoReceived:
    """One photo of a browser batch; ``photo`` is what ``photo_receive`` takes. Counted like a row of an archive.

    Raises:
        DomainError: the photo or its label is refused; the import's report has it.
        Conflict: ``import_cancelled``; then it is not counted.
    """
    if batch.state == ImportBatch.State.CANCELLED:
        raise Conflict("import_cancelled", "The import was cancelled.")
    tally = Tally()
    try:
        with transaction.atomic():
            stage = Stages(batch.project).named((stage_slug,)) if stage_slug else None
            received = photo_receive(**photo, project=batch.project, import_batch=batch)
            labels_state(batch, received.photo, [StatedLabel(Annotation.Kind.STAGE, stage)] if stage else [])
        tally.add(outcome_of(batch, received.photo, created=received.created))
    except DomainError as refusal:
        tally.refuse(batch, 0, photo.get("original_name", ""), refusal.code, refusal.message)
        raise
    finally:
        _count_one(batch, tally)
    return received


def browser_batches_close() -> int:
    """Call batches without an archive DONE when nothing has come for ``QUIET_AFTER``; returns how many."""
    quiet = ImportBatch.objects.filter(
        archive="", state=ImportBatch.State.RUNNING, heartbeat_at__lt=Now() - QUIET_AFTER
    )
    n_closed = 0
    for batch in quiet.order_by("pk"):
        with transaction.atomic():
            # A photo may have come since: the condition is asked again under the row's lock.
            if quiet.filter(pk=batch.pk).update(state=ImportBatch.State.DONE, finished_at=timezone.now()):
                _tell_end(batch, ImportBatch.State.DONE)
                n_closed += 1
    return n_closed


# --- one run --------------------------------------------------------------------------------------------------------


def _run(
    batch: ImportBatch, open_source: Callable[[], ImportSource], on_progress: Callable[[ImportBatch], None] | None
) -> None:
    tally = Tally({"received": batch.received, "duplicates": batch.duplicates, "refused": batch.refused})
    try:
        source, rows = open_source(), Rows(batch)
        for chunk in _chunks(islice(source.rows(), tally.n_rows, None)):
            for _ in rows.bring_in_each(chunk, tally, every_s=SAVED_EVERY_S):
                _save_progress(batch, tally, source.total)
            if on_progress is not None:
                on_progress(batch)
        _save_progress(batch, tally, source.total)
    except ImportTaken:
        return
    except SourceUnusable as unusable:
        _finish(batch, code=unusable.code, error=str(unusable))
    except Exception:
        sentence = "The import failed unexpectedly. What came in so far stays; run it again."
        _finish(batch, code="unexpected", error=sentence)
        raise
    else:
        _finish(batch)


def _chunks(rows: Iterable[ImportRow]) -> Iterator[list[ImportRow]]:
    """Rows that are counted together: ``CHUNK`` with files, or ``KNOWN_CHUNK`` without."""
    chunk: list[ImportRow] = []
    for row in rows:
        if chunk and (is_known_row(row) != is_known_row(chunk[0]) or len(chunk) >= _most(chunk[0])):
            yield chunk
            chunk = []
        chunk.append(row)
    if chunk:
        yield chunk


def _most(first: ImportRow) -> int:
    return KNOWN_CHUNK if is_known_row(first) else CHUNK


# --- the import's own row -------------------------------------------------------------------------------------------


def _get(import_batch_id: int) -> ImportBatch:
    batch = ImportBatch.objects.filter(pk=import_batch_id).select_related("project", "created_by").first()
    if batch is None:
        raise NotFound("import_not_found", "There is no such import.")
    return batch


def _claim(batch: ImportBatch) -> bool:
    """Take the import, if nobody has it or its holder has been silent for a lease. One statement decides."""
    free = Q(state=ImportBatch.State.PENDING) | Q(state=ImportBatch.State.RUNNING) & silent_for(LEASE)
    taken = ImportBatch.objects.filter(free, pk=batch.pk)
    if taken.update(state=ImportBatch.State.RUNNING, heartbeat_at=Now()) != 1:
        return False
    batch.refresh_from_db(fields=["state", "heartbeat_at", "received", "duplicates", "refused"])
    return True


def _save_progress(batch: ImportBatch, tally: Tally, total: int) -> None:
    """Counts and refusals together, by whoever wrote the last heartbeat.

    Raises:
        ImportTaken: somebody else did: this run was thought dead. Or the import was cancelled; then what was done
            until now has been counted.
    """
    with transaction.atomic():
        ours = ImportBatch.objects.filter(pk=batch.pk, heartbeat_at=batch.heartbeat_at)
        alive = Q(state__in=[ImportBatch.State.RUNNING, ImportBatch.State.CANCELLED])
        if not ours.filter(alive).update(total=total, heartbeat_at=Now(), **tally.counts):
            raise ImportTaken
        ImportRefusal.objects.bulk_create(tally.refusals)
        tally.refusals.clear()
        batch.refresh_from_db(fields=["heartbeat_at"])  # still locked by the statement before: what it wrote
        batch.total = total
        batch.received, batch.duplicates, batch.refused = tally.counts.values()
    batch.refresh_from_db(fields=["state"])
    if batch.state == ImportBatch.State.CANCELLED:
        raise ImportTaken


@transaction.atomic
def _finish(batch: ImportBatch, *, code: str = "", error: str = "") -> None:
    """Done; or failed, and then the report says by its code why all of it was refused. Not if it was cancelled."""
    running = ImportBatch.objects.filter(pk=batch.pk, state=ImportBatch.State.RUNNING)
    batch.state = ImportBatch.State.FAILED if error else ImportBatch.State.DONE
    batch.error, batch.finished_at = error, timezone.now()
    if not running.update(state=batch.state, error=error, finished_at=batch.finished_at):
        return
    if error:
        message = storable(error)[:1000]
        ImportRefusal.objects.create(import_batch=batch, row=0, name=batch.name, code=code, message=message)
    _tell_end(batch, batch.state)


def _tell_end(batch: ImportBatch, state: str) -> None:
    if not batch.is_dry_run:
        webhook_record(
            project_id=batch.project_id,
            event=WebhookEvent.IMPORT_FINISHED,
            data={"import": batch.pk, "state": str(state), "received": batch.received, "refused": batch.refused},
        )


@transaction.atomic
def _count_one(batch: ImportBatch, tally: Tally) -> None:
    row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    row.total = F("total") + 1
    for name, count in tally.counts.items():
        setattr(row, name, F(name) + count)
    if row.state != ImportBatch.State.CANCELLED:  # of one cancelled meanwhile, what came is counted
        row.state, row.finished_at = ImportBatch.State.RUNNING, None
    row.heartbeat_at = Now()
    row.save()
    ImportRefusal.objects.bulk_create(tally.refusals)
