"""What is behind, told from the rows alone: the safety net under lost messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from classifier.models import RunState, ScoringRun, TrainingRun
from classifier.selectors.learning import (
    labels_moved_since_refresh,
    last_refresh,
    photo_ids_unembedded,
    photo_ids_unscored,
    promoted_version,
)
from classifier.selectors.shadows import shadow_of, shadow_room, unshadowed_photos
from labeling.models import Photo, Project, QueueEntry, StageScale

QUIET = timedelta(seconds=20)
"""Labels fewer than ``refresh_every`` wait this long after the last refresh."""
RETRY = timedelta(seconds=60)
"""Between two attempts at a refresh that did not succeed, or that had nothing to queue."""
GIVEN_UP = timedelta(days=1)


@dataclass
class ProjectsBehind:
    """Ids of projects with photos to score, a queue to refresh, labels that may call for a training, a shadow to feed.

    ``to_look_through`` holds ids of training runs whose second look is missing.
    """

    to_score: list[int] = field(default_factory=list)
    to_refresh: list[int] = field(default_factory=list)
    to_train: list[int] = field(default_factory=list)
    to_shadow: list[int] = field(default_factory=list)
    to_look_through: list[int] = field(default_factory=list)


def projects_behind(*, feature_space: str) -> ProjectsBehind:
    """Look at every project that has a ready photo."""
    behind = ProjectsBehind()
    for project in Project.objects.order_by("pk"):
        if not Photo.objects.ready().filter(project=project).exists():
            continue
        if _has_unscored_photos(project.pk, feature_space):
            behind.to_score.append(project.pk)
        if _wants_refresh(project):
            behind.to_refresh.append(project.pk)
        behind.to_train.append(project.pk)
        if _has_unshadowed_photos(project.pk):
            behind.to_shadow.append(project.pk)
    behind.to_look_through = _runs_to_look_through()
    return behind


def refresh_is_due(*, project_id: int) -> bool:
    """Whether labels enough have moved since the last successful refresh."""
    project = Project.objects.only("refresh_every").get(pk=project_id)
    return labels_moved_since_refresh(project_id=project_id) >= project.refresh_every


def queue_can_grow(*, project_id: int) -> bool:
    """Whether there are pool photos that are not queued."""
    return Photo.objects.in_pool().filter(project_id=project_id, queue_entry__isnull=True).exists()


def _has_unscored_photos(project_id: int, feature_space: str) -> bool:
    if photo_ids_unembedded(project_id=project_id, backbone=feature_space, limit=1):
        return True
    version = promoted_version(project_id=project_id)
    return version is not None and bool(photo_ids_unscored(model_version=version, limit=1))


def _has_unshadowed_photos(project_id: int) -> bool:
    shadow = shadow_of(project_id=project_id)
    if shadow is None or not unshadowed_photos(version=shadow, limit=1):
        return False
    return shadow_room(version=shadow) > 0


def _wants_refresh(project: Project) -> bool:
    last = last_refresh(project_id=project.pk)
    if last is None or last.state == RunState.QUEUED:
        return True
    since = timezone.now() - (last.finished_at or last.started_at or last.created_at)
    if last.state == RunState.SUCCEEDED:
        if _is_by_another_version(last, project.pk):
            return True
        moved = labels_moved_since_refresh(project_id=project.pk)
        if moved >= project.refresh_every or (moved > 0 and since > QUIET):
            return True
    return since > RETRY and (last.state != RunState.SUCCEEDED or _queue_is_empty(project.pk))


def _is_by_another_version(refresh: ScoringRun, project_id: int) -> bool:
    """Whether another version than the refresh went by is promoted now, for the stages that are in use."""
    version = promoted_version(project_id=project_id)
    if version is not None and version.scale.status != StageScale.Status.CURRENT:
        version = None
    return refresh.model_version_id != (version.pk if version is not None else None)


def _runs_to_look_through() -> list[int]:
    """The latest run of each project that gave a model, if its labels were not looked through although it ended lately.

    One whose round cannot be built is tried for a day, and the next run has a round of its own.
    """
    now = timezone.now()
    latest = (
        TrainingRun.objects.filter(state=RunState.SUCCEEDED, snapshot__scale__status=StageScale.Status.CURRENT)
        .order_by("project_id", "-id")
        .distinct("project_id")
    )
    due = TrainingRun.objects.filter(
        pk__in=latest.values("pk"),
        model_version__isnull=False,
        second_look_round__isnull=True,
        finished_at__range=(now - GIVEN_UP, now - RETRY),
    )
    return list(due.order_by("pk").values_list("pk", flat=True))


def _queue_is_empty(project_id: int) -> bool:
    is_empty = not QueueEntry.objects.askable().filter(project_id=project_id).exists()
    return is_empty and Photo.objects.filter(project_id=project_id).in_pool().exists()
