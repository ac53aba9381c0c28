"""Asking for a report on the classes; what computes it is imported by ml workers only."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from classifier.events import class_report_requested
from classifier.models import ClassReport
from labeling.events import announce
from labeling.models import Project

HEARTBEAT_LOST_AFTER = timedelta(minutes=5)
State = ClassReport.State


def class_report_request(*, project_id: int) -> ClassReport:
    """Ask for a new report; one that waits or is being computed is left to its end."""
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project_id)
        report = ClassReport.objects.filter(project_id=project_id).first()
        report = report or ClassReport(project_id=project_id)
        report.state, report.requested_at, report.progress, report.error = State.WAITING, timezone.now(), 0.0, ""
        report.save()
        announce(class_report_requested, project_id=project_id)
    return report


def class_reports_waiting() -> list[int]:
    """Projects whose report was asked for and that no live worker computes."""
    lost = timezone.now() - HEARTBEAT_LOST_AFTER
    asked = ClassReport.objects.filter(state__in=[State.WAITING, State.RUNNING])
    return list(asked.exclude(heartbeat_at__gt=lost).order_by("requested_at").values_list("project_id", flat=True))
