"""Reads of the agreement page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from labeling.models import AgreementReport, Annotation, Project, Role, StageScale, User

HEARTBEAT_LOST_AFTER = timedelta(seconds=90)
"""A worker that computes a report says so every few seconds; after this silence it is taken to be dead."""
ENOUGH_NEW = 50
"""New annotations that call for a new report ..."""
ENOUGH_NEW_SHARE = 0.02
"""... or this share of what it was computed from, where that is more."""
QUIET = timedelta(minutes=10)
"""Fewer new annotations wait this long after the last report."""

EMPTY: dict[str, Any] = {"n_photos_overlap": 0, "overall": None, "boundaries": [], "annotators": [], "trend": []}


def agreement_for(*, project: Project, user: User, role: Role) -> dict[str, Any]:
    """The agreement page's figures for one reader: all annotators for adjudicators, only themselves for experts."""
    report = AgreementReport.objects.filter(project=project).first() or AgreementReport(project=project)
    content = {**EMPTY, **report.content}
    rows = content["annotators"]
    if not role.includes(Role.ADJUDICATOR):
        rows = [row for row in rows if row["annotator_id"] == user.pk]
    names = {person.pk: str(person) for person in User.objects.filter(pk__in=[row["annotator_id"] for row in rows])}
    return {
        **content,
        "state": report_state(report=report),
        "computed_at": report.computed_at,
        "is_stale": report_is_stale(report=report),
        "progress": report.progress,
        "error": report.error,
        "n_annotations": report.n_annotations,
        "annotators": [_annotator(row, names, user) for row in rows],
    }


def report_state(*, report: AgreementReport) -> str:
    """Where a report stands: "none", "computing" (asked for, or under way), "ready" or "failed"."""
    if report.requested_at is not None:
        return "computing"
    if report.error:
        return "failed"
    return "none" if report.computed_at is None else "ready"


def report_is_stale(*, report: AgreementReport) -> bool:
    """Whether annotations were made since, or the scale is another one."""
    if n_new_annotations(report=report, at_most=1):
        return True
    current = StageScale.objects.filter(project_id=report.project_id, status=StageScale.Status.CURRENT)
    return report.computed_at is not None and not report.scale_id not in current.values_list("pk", flat=True)


def n_new_annotations(*, report: AgreementReport, at_most: int) -> int:
    """Annotations of the project since the report was computed; counting stops at ``at_most``."""
    newer = Annotation.objects.filter(
        pk__gt=report.content.get("last_annotation_id", 0), photo__project_id=report.project_id
    )
    return newer.order_by("pk")[:at_most].count()


def reports_waiting() -> list[int]:
    """Projects whose report was asked for and that no live worker computes."""
    lost = timezone.now() - HEARTBEAT_LOST_AFTER
    asked = AgreementReport.objects.filter(requested_at__isnull=False)
    return list(asked.exclude(heartbeat_at__gt=lost).order_by("requested_at").values_list("project_id", flat=True))


def projects_due() -> list[int]:
    """Projects with new annotations enough for a new report, or with some and none made for a while."""
    due = []
    known = {it.project_id: it for it in AgreementReport.objects.filter(requested_at__isnull=True)}
    asked = AgreementReport.objects.filter(requested_at__isnull=False)
    for project_id in Project.objects.exclude(pk__in=asked.values(project=F("project_id"))).values_list(
        "pk", flat=True
    ):
        report = known.get(project_id) or AgreementReport(project_id=project_id)
        enough = max(ENOUGH_NEW, int(ENOUGH_NEW_SHARE * report.n_annotations))
        n_new = n_new_annotations(report=report, at_most=enough)
        is_quiet = report.computed_at is None or timezone.now() - report.computed_at > QUIET
        if n_new >= enough or (n_new > 0 and is_quiet):
            due.append(project_id)
    return due


def _annotator(row: dict[str, Any], names: dict[int, str], user: User) -> dict[str, Any]:
    annotator_id = row["annotator_id"]
    return {
        **row,
        "id": annotator_id,
        "name": row["source"] if annotator_id is None else names.get(annotator_id, ""),
        "is_me": annotator_id == user.pk,
        "is_source": annotator_id is None,
    }
