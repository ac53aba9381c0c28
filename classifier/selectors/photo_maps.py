"""Which map of a project is shown, and how a newer one is coming along."""

from __future__ import annotations

from dataclasses import dataclass

from classifier.models import Embedding, PhotoMap, RunState
from classifier.models.runs import ACTIVE_STATES
from labeling.domain.errors import NotFound
from labeling.models import Photo, Project, QueueEntry, User
from labeling.selectors.queue import photo_ids_held


@dataclass(frozen=True)
class MapStatus:
    """``shown`` is the latest map there is; ``build`` the last attempt after it, at work or failed."""

    shown: PhotoMap | None
    build: PhotoMap | None
    is_behind: bool


def map_status(*, project: Project) -> MapStatus:
    """Three small questions."""
    shown = photo_map_shown(project_id=project.pk)
    latest = PhotoMap.objects.filter(project=project).exclude(state=RunState.SUCCEEDED).order_by("-id").first()
    if latest is not None and shown is not None and latest.pk < shown.pk:
        latest = None
    return MapStatus(shown, latest, shown is None or has_new_photos(shown))


def photo_map_shown(*, project_id: int) -> PhotoMap | None:
    """The latest map that succeeded."""
    return PhotoMap.objects.filter(project_id=project_id, state=RunState.SUCCEEDED).order_by("-id").first()


def photo_map_get(*, project: Project, map_id: int) -> PhotoMap:
    """A map of this project that succeeded.

    Raises:
        NotFound: "map_not_found".
    """
    found = PhotoMap.objects.filter(project=project, pk=map_id, state=RunState.SUCCEEDED).first()
    if found is None:
        raise NotFound("map_not_found", "There is no such map in this project.")
    return found


def photo_map_active(*, project_id: int) -> PhotoMap | None:
    """The map that is being laid out; there is one at most."""
    return PhotoMap.objects.filter(project_id=project_id, state__in=ACTIVE_STATES).first()


def has_new_photos(photo_map: PhotoMap) -> bool:
    """Whether vectors came after the map was laid out, of new photos or in another space; reads only what is new."""
    return Embedding.objects.filter(
        pk__gt=photo_map.last_embedding,
        photo__project_id=photo_map.project_id,
        photo__status=Photo.Status.READY,
    ).exists()


def photo_ids_not_shown(*, project: Project, reader: User) -> frozenset[int]:
    """Photos that the map must not show to an expert.

    What is asked blind, what checks them, and what they hold at the moment: its neighbours on the map, and its own
    colour, would tell what others or the model think. They are few: the queue is a few hundred photos long.
    """
    entries = QueueEntry.objects.filter(project=project)
    asked = entries.filter(is_blind=True) | entries.filter(reason=QueueEntry.Reason.GOLD)
    held = photo_ids_held(project_id=project.pk, annotator_id=reader.pk)
    return frozenset(asked.values_list("photo_id", flat=True)) | held
