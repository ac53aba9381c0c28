"""Asking for a refresh. Apart from the refresh itself, which needs packages that a web process lacks."""

from __future__ import annotations

from django.db import transaction

from classifier import events
from classifier.models import RunState, ScoringRun
from labeling.events import announce
from labeling.models import Project


def refresh_request(*, project: Project) -> ScoringRun:
    """Queue a refresh; one that waits already is answered again. The row comes first: a lost message is made up for."""
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        waiting = ScoringRun.objects.filter(
            project=project, kind=ScoringRun.Kind.REFRESH, state=RunState.QUEUED
        ).first()
        run = waiting or ScoringRun.objects.create(project=project, kind=ScoringRun.Kind.REFRESH)
        announce(events.refresh_requested, project_id=project.pk)
    return run
