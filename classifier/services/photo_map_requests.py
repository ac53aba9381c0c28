"""Asking for a map. Apart from the laying out, which needs packages that a web process lacks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from classifier import events
from classifier.models import Embedding, PhotoMap, RunState
from classifier.selectors.photo_maps import has_new_photos, photo_map_active
from labeling.domain.errors import DomainError
from labeling.events import announce
from labeling.models import Photo, Project

FEWEST = 10
"""Photos of a map."""
MAX_ATTEMPTS = 3
HEARTBEAT_LIMIT = timedelta(minutes=2)
"""A step of a large map that reports nothing may take this long."""
QUEUED_LIMIT = timedelta(seconds=30)
QUIET = timedelta(minutes=1)
REST = 10
"""Times as long as the last map took: so maps never take more than a tenth of a worker's time."""
OPENED_WITHIN = timedelta(days=30)
"""A map that nobody has had laid out for so long is not kept up by itself."""


def photo_map_request(*, project: Project) -> PhotoMap:
    """Ask for a map of a project's photos as they are now; one that is being laid out is answered again.

    Raises:
        DomainError: "too_few_photos", fewer than ``FEWEST`` have a vector.
    """
    active = photo_map_active(project_id=project.pk)
    if active is not None:
        return active
    vectors = Embedding.objects.filter(photo__project=project, photo__status=Photo.Status.READY)
    if vectors[:FEWEST].count() < FEWEST:
        raise DomainError("too_few_photos", f"A map needs {FEWEST} photos that a model has looked at.")
    try:
        with transaction.atomic():
            asked = PhotoMap.objects.create(project=project)
            announce(events.photo_map_requested, photo_map_id=asked.pk)
    except IntegrityError as error:  # the partial unique index decides between two that ask at once
        if "photo_map_one_active" not in str(error):
            raise
        return photo_map_request(project=project)
    return asked


def photo_maps_behind() -> list[int]:
    """Maps to be sent to a worker: lost ones, those whose message may be gone, and new ones where photos came.

    A map is kept up only where somebody has looked at it: the first is asked for by who opens the page.
    """
    now = timezone.now()
    _sweep(now)
    waiting = PhotoMap.objects.filter(state=RunState.LOST) | PhotoMap.objects.filter(
        state=RunState.QUEUED, created_at__lt=now - QUEUED_LIMIT
    )
    found = list(waiting.values_list("pk", flat=True))
    latest = PhotoMap.objects.order_by("project_id", "-id").distinct("project_id")
    for last in PhotoMap.objects.filter(pk__in=latest.values("pk"), state=RunState.SUCCEEDED):
        if _is_due(last, now) and has_new_photos(last):
            found.append(photo_map_request(project=last.project).pk)
    return found


def _is_due(last: PhotoMap, now: datetime) -> bool:
    assert last.started_at is not None
    assert last.finished_at is not None
    rest = max(QUIET, (last.finished_at - last.started_at) * REST)
    return last.finished_at + rest < now < last.finished_at + OPENED_WITHIN


def _sweep(now: datetime) -> None:
    """RUNNING without a sign of life is LOST, or FAILED when that has happened too often."""
    silent = PhotoMap.objects.filter(state=RunState.RUNNING, heartbeat_at__lt=now - HEARTBEAT_LIMIT)
    silent.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=RunState.FAILED, finished_at=now, error=f"Its worker died {MAX_ATTEMPTS} times."
    )
    silent.filter(attempts__lt=MAX_ATTEMPTS).update(state=RunState.LOST)
