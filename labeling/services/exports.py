"""Exports in the background: asked for, run by whichever worker is free, kept for a week.

A run begins anew when its worker is killed: an export is a function of the database, and nothing of a half-written file
is worth keeping. Who may write to the row is decided by its attempt, in the statement that writes.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from labeling.domain.errors import DomainError, NotFound
from labeling.events import announce, export_requested
from labeling.models import ExportJob, Project, User, WebhookEvent
from labeling.selectors.dataset import dataset_header, dataset_rows, dataset_size
from labeling.services.export_fencing import KEPT_FOR, export_cancelled, export_claim, export_finish, files_drop
from labeling.services.export_formats.catalogue import (
    ExportFormat,
    PhotoChoice,
    Written,
    export_card,
    export_chunks,
    format_named,
    is_bundle,
)
from labeling.services.export_formats.contract import written
from labeling.services.export_photos import rows_with_photos
from labeling.services.export_progress import ExportReporter
from labeling.services.webhooks import webhook_record
from labeling.storage_keys import export_key


class ExportStopped(Exception):  # not an error: somebody cancelled, or another worker has it
    """The row no longer belongs to this run."""


@dataclass(frozen=True)
class ExportOrder:
    """What is asked for.

    Attributes:
        format: name of a format.
        unit: "consensus" or "annotation".
        photos: "none", "model", "view", "original"; "" for the format's default.
        has_places: with coarsened places, where their sender consented.
        has_names: annotators by name.
        licence: of the data, for the card.
    """

    format: str
    unit: str = "consensus"
    photos: str = ""
    has_places: bool = False
    has_names: bool = False
    licence: str = ""


@transaction.atomic
def export_request(*, project: Project, order: ExportOrder, created_by: User | None = None) -> tuple[ExportJob, bool]:
    """Ask for an export, and whether it is a new one: the same that is still to be done is not made twice.

    Raises:
        DomainError: "format_unknown", "unit_unsupported" or "photos_unsupported".
    """
    _, photos = format_named(order.format, unit=order.unit, photos=order.photos)
    wanted: dict[str, Any] = {**vars(order), "photos": photos, "licence": order.licence.strip()[:120]}
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # two clicks come one after the other
    unfinished = Q(state__in=[ExportJob.State.PENDING, ExportJob.State.RUNNING])
    job = ExportJob.objects.filter(unfinished, project=project, **wanted).first()
    if job is not None:
        return job, False
    job = ExportJob.objects.create(project=project, created_by=created_by, **wanted)
    announce(export_requested, export_id=job.pk)
    return job, True


def export_run(*, export_id: int) -> ExportJob:
    """Write the file of an export; returns at once if it is over or another worker is at it.

    Raises:
        NotFound: there is no such export.
    """
    job = ExportJob.objects.filter(pk=export_id).select_related("project").first()
    if job is None:
        raise NotFound("export_not_found", "There is no such export.")
    if export_claim(job, key_of=export_key):
        try:
            _run(job)
        except ExportStopped:
            pass
        except DomainError as error:
            _finish(job, state=ExportJob.State.FAILED, error=error.message)
        except Exception:
            _finish(job, state=ExportJob.State.FAILED, error="The export failed unexpectedly. Try again.")
            raise
    job.refresh_from_db()
    return job


def export_cancel(*, job: ExportJob) -> None:
    """Stop an export that is not done, or delete the file of one that is. Safe to repeat."""
    export_cancelled(job)


def exports_expire() -> int:
    """Delete the files that have been kept long enough; returns how many."""
    return files_drop(ExportJob.objects.filter(expires_at__lt=timezone.now()))


def export_stream(*, project: Project, order: ExportOrder) -> tuple[ExportFormat, Iterator[bytes]]:
    """A table without photos while it is being read, for small ones that need no job; without card and hash.

    Raises:
        DomainError: as :func:`export_request`.
    """
    spec, photos = format_named(order.format, unit=order.unit, photos=order.photos)
    if is_bundle(photos):
        raise DomainError("photos_unsupported", "Photos are exported in the background.")
    unit: Any = order.unit
    flags = {"has_places": order.has_places, "has_names": order.has_names}
    header = dataset_header(project=project, unit=unit, exported_at=timezone.now(), licence=order.licence, **flags)
    return spec, written(spec.writer(header), dataset_rows(project=project, unit=unit, **flags))


def export_bytes(
    *, project: Project, order: ExportOrder, spec: ExportFormat, photos: PhotoChoice, outcome: Written
) -> Iterator[bytes]:
    """The bytes of an export of ``project`` as it is now; ``outcome`` is filled in as they come."""
    unit: Any = order.unit
    flags = {"has_places": order.has_places, "has_names": order.has_names}
    header = dataset_header(project=project, unit=unit, exported_at=timezone.now(), licence=order.licence, **flags)
    rows = rows_with_photos(dataset_rows(project=project, unit=unit, **flags), photos=photos)
    yield from export_chunks(spec, header=header, photos=photos, rows=rows, outcome=outcome)
    outcome.card = export_card(spec, header=header, outcome=outcome)


# --- one run --------------------------------------------------------------------------------------------------------


def _run(job: ExportJob) -> None:
    order = ExportOrder(job.format, job.unit, job.photos, job.has_places, job.has_names, job.licence)
    spec, photos = format_named(order.format, unit=order.unit, photos=order.photos)
    outcome, digest = Written(), hashlib.sha256()
    total = dataset_size(project=job.project, unit=order.unit)  # type: ignore[arg-type]
    with ExportReporter(job, total=total) as reporter, tempfile.TemporaryFile() as file:
        for chunk in export_bytes(project=job.project, order=order, spec=spec, photos=photos, outcome=outcome):
            file.write(chunk)
            digest.update(chunk)
            reporter.done = outcome.tally.n_rows
            if reporter.is_lost:
                raise ExportStopped
        size = file.tell()
        key = _keep(job, file)
    is_ours = _finish(
        job,
        state=ExportJob.State.DONE,
        result=key,
        size=size,
        sha256=digest.hexdigest(),
        content_sha256=outcome.tally.content_sha256,
        card=outcome.card,
        total=outcome.tally.n_rows,
        done=outcome.tally.n_rows,
        n_missing=len(outcome.missing.photo_ids),
        expires_at=timezone.now() + KEPT_FOR,
    )
    if not is_ours:
        default_storage.delete(key)


def _keep(job: ExportJob, file: BinaryIO) -> str:
    key = export_key(job.pk, job.attempt)
    file.seek(0)
    default_storage.save(key, File(file))
    return key


def _finish(job: ExportJob, *, state: str, **fields: Any) -> bool:
    """End the run and tell those who listen, unless the row has gone to somebody else meanwhile."""
    with transaction.atomic():
        is_ours = export_finish(job, state=state, **fields)
        if is_ours and state == ExportJob.State.DONE:
            webhook_record(
                project_id=job.project_id,
                event=WebhookEvent.EXPORT_READY,
                data={"export": job.pk, "format": job.format, "size": fields["size"], "sha256": fields["sha256"]},
            )
    return is_ours
