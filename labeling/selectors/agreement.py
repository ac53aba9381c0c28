"""Reads of the agreement page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
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
    newer = Annotation.objects.filter(pk__gt=last_annotation(report=report), photo__project_id=report.project_id)
    if newer.order_by("pk").exists():
        return True
    current = StageScale.objects.filter(project_id=report.project_id, status=StageScale.Status.CURRENT)
    return report.computed_at is not None and report.scale_id not in current.values_list("pk", flat=True)


def last_annotation(*, report: AgreementReport) -> int:
    """The annotation up to which the report knows the project; later ones are new."""
    return int(report.content.get("last_annotation_id", 0))


def new_annotations() -> dict[int, int]:
    """How many annotations each project has that its report does not know; projects without any are left out.

    Reads the annotations since the oldest of the reports' marks, which ``reports_advance`` keeps close behind.
    """
    statement = """
        with mark as materialized (
            select project_id, coalesce((content ->> 'last_annotation_id')::bigint, 0) as annotation_id
            from labeling_agreementreport
        )
        select p.project_id, count(*) from labeling_annotation a
        join labeling_photo p on p.id = a.photo_id join mark on mark.project_id = p.project_id
        where a.id > (select min(annotation_id) from mark) and a.id > mark.annotation_id
        group by p.project_id
    """
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())


def reports_waiting() -> list[int]:
    """Projects whose report was asked for and that no live worker computes."""
    lost = timezone.now() - HEARTBEAT_LOST_AFTER
    asked = AgreementReport.objects.filter(requested_at__isnull=False)
    return list(asked.exclude(heartbeat_at__gt=lost).order_by("requested_at").values_list("project_id", flat=True))


def report_is_due(*, report: AgreementReport, n_new: int) -> bool:
    """Whether ``n_new`` annotations are enough for a new report, or are some and none was made for a while."""
    if report.requested_at is not None or n_new == 0:
        return False
    now = timezone.now()
    if report.error and report.heartbeat_at is not None and now - report.heartbeat_at < QUIET:
        return False  # it failed a moment ago, and would again
    is_quiet = report.computed_at is None or now - report.computed_at > QUIET
    return is_quiet or n_new >= max(ENOUGH_NEW, int(ENOUGH_NEW_SHARE * report.n_annotations))


def _annotator(row: dict[str, Any], names: dict[int, str], user: User) -> dict[str, Any]:
    annotator_id = row["annotator_id"]
    return {
        **row,
        "id": annotator_id,
        "name": row["source"] if annotator_id is None else names.get(annotator_id, ""),
        "is_me": annotator_id == user.pk,
        "is_source": annotator_id is None,
    }
