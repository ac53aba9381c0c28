"""Exports, as those who asked for them see them, and those that need attention."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from labeling.domain.errors import Conflict, NotFound
from labeling.models import ExportJob, Project
from labeling.selectors.leases import silent_for

LEASE = timedelta(seconds=120)
UNSTARTED_AFTER = timedelta(seconds=30)


def exports_of(*, project: Project) -> QuerySet[ExportJob]:
    """The exports of a project, newest first."""
    return ExportJob.objects.filter(project=project).defer("card").order_by("-id")


def export_get(*, project: Project, export_id: int) -> ExportJob:
    """One export of this project.

    Raises:
        NotFound: it is not there, or belongs to another project.
    """
    job = ExportJob.objects.filter(project=project, pk=export_id).first()
    if job is None:
        raise NotFound("export_not_found", "There is no such export in this project.")
    return job


def export_downloadable(*, project: Project, export_id: int) -> ExportJob:
    """One export whose file can be had.

    Raises:
        NotFound: "export_not_found", or "export_expired" when its file is deleted.
        Conflict: "export_not_ready", it is not done (yet).
    """
    job = export_get(project=project, export_id=export_id)
    if job.state == ExportJob.State.EXPIRED:
        raise NotFound("export_expired", "The file of this export has been deleted. Export again.")
    if job.state != ExportJob.State.DONE:
        raise Conflict("export_not_ready", "This export has no file.")
    return job


def exports_unfinished() -> list[int]:
    """Exports that were never started, or whose worker has been silent for longer than its lease."""
    unstarted = Q(state=ExportJob.State.PENDING, created_at__lt=timezone.now() - UNSTARTED_AFTER)
    silent = Q(state=ExportJob.State.RUNNING) & silent_for(LEASE)
    return list(ExportJob.objects.filter(unstarted | silent).order_by("id").values_list("pk", flat=True))
