"""Imports, as their admin sees them, and those that need attention."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from labeling.domain.errors import NotFound
from labeling.models import ImportBatch, ImportRefusal, Photo, Project
from labeling.selectors.leases import silent_for

LEASE = timedelta(seconds=120)
UNSTARTED_AFTER = timedelta(seconds=30)
REPORT_IN_LIST = 100
REPORT_LIMIT = 1000
"""How many refusals an import shows by itself; all of them are in its report."""


def imports_of(*, project: Project) -> QuerySet[ImportBatch]:
    """The imports of a project, newest first, each with ``processed``: how many of its photos are past RECEIVED."""
    settled = Count("photos", filter=~Q(photos__status=Photo.Status.RECEIVED))
    return ImportBatch.objects.filter(project=project).annotate(processed=settled).order_by("-created_at", "-id")


def imports_listed(*, project: Project, count: int) -> list[ImportBatch]:
    """The latest imports, each with ``report``: the first of its refusals. Two queries."""
    return list(imports_of(project=project).prefetch_related(_report(REPORT_IN_LIST))[:count])


def import_shown(*, project: Project, import_batch_id: int) -> ImportBatch:
    """One import of this project with ``processed`` and ``report``: as many of its refusals as are shown at once.

    Raises:
        NotFound: it is not there, or belongs to another project.
    """
    return _found(imports_of(project=project).prefetch_related(_report(REPORT_LIMIT)), import_batch_id)


def import_get(*, project: Project, import_batch_id: int) -> ImportBatch:
    """One import of this project, with ``processed``.

    Raises:
        NotFound: it is not there, or belongs to another project.
    """
    return _found(imports_of(project=project), import_batch_id)


def import_report(*, batch: ImportBatch) -> QuerySet[ImportRefusal]:
    """What was refused, in order: first at the door (with its row), then by looking at the pixels (row 0)."""
    return ImportRefusal.objects.filter(import_batch=batch).order_by("id")


def import_reasons(*, batch: ImportBatch) -> list[Any]:
    """Why rows were refused: each code with how many, the commonest first."""
    counted = batch.refusals.values("code").annotate(count=Count("id")).order_by("-count", "code")
    return [dict(row) for row in counted]


def imports_unfinished() -> list[int]:
    """Archives whose import was never started, or whose worker has been silent for longer than its lease."""
    unstarted = Q(state=ImportBatch.State.PENDING, created_at__lt=timezone.now() - UNSTARTED_AFTER)
    silent = Q(state=ImportBatch.State.RUNNING) & silent_for(LEASE)
    return list(ImportBatch.objects.exclude(archive="").filter(unstarted | silent).values_list("pk", flat=True))


def _report(limit: int) -> Any:
    return Prefetch("refusals", ImportRefusal.objects.order_by("id")[:limit], to_attr="report")


def _found(imports: QuerySet[ImportBatch], import_batch_id: int) -> ImportBatch:
    batch = imports.filter(pk=import_batch_id).first()
    if batch is None:
        raise NotFound("import_not_found", "There is no such import in this project.")
    return batch
