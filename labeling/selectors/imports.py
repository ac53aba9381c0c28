"""Imports, as their admin sees them, and those that need attention."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from labeling.domain.errors import NotFound
from labeling.imaging.refusal import MESSAGES
from labeling.models import ImportBatch, Photo, Project

LEASE = timedelta(seconds=120)
UNSTARTED_AFTER = timedelta(seconds=30)
REPORT_LIMIT = 1000


def imports_of(*, project: Project) -> QuerySet[ImportBatch]:
    """The imports of a project, newest first, each with ``processed``: how many of its photos are past RECEIVED."""
    settled = Count("photos", filter=~Q(photos__status=Photo.Status.RECEIVED))
    return ImportBatch.objects.filter(project=project).annotate(processed=settled).order_by("-created_at", "-id")


def import_get(*, project: Project, import_batch_id: int) -> ImportBatch:
    """One import of this project, with ``processed``.

    Raises:
        NotFound: it is not there, or belongs to another project.
    """
    batch = imports_of(project=project).filter(pk=import_batch_id).first()
    if batch is None:
        raise NotFound("import_not_found", "There is no such import in this project.")
    return batch


def import_report(*, batch: ImportBatch) -> list[dict[str, Any]]:
    """What was refused: first at the door (with its row), then by looking at the pixels (row 0)."""
    left = REPORT_LIMIT - len(batch.report)
    rejected = (
        Photo.objects.filter(import_batch=batch, status=Photo.Status.REJECTED)
        .order_by("id")
        .values_list("original_name", "rejection")[: max(0, left)]
    )
    seen = [{"row": 0, "name": name, "code": code, "message": MESSAGES.get(code, code)} for name, code in rejected]  # type: ignore[call-overload]
    return [*batch.report, *seen]


def imports_unfinished() -> list[int]:
    """Archives whose import was never started, or whose worker has been silent for longer than its lease."""
    now = timezone.now()
    unstarted = Q(state=ImportBatch.State.PENDING, created_at__lt=now - UNSTARTED_AFTER)
    silent = Q(state=ImportBatch.State.RUNNING, heartbeat_at__lt=now - LEASE)
    return list(ImportBatch.objects.exclude(archive="").filter(unstarted | silent).values_list("pk", flat=True))
