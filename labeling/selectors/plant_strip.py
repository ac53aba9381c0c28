"""The strip of one plant: its photos in time order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from labeling.models import Photo, Project, User
from labeling.selectors.photos import photo_get
from labeling.selectors.queue import photo_ids_held

STRIP_MOST = 60


@dataclass(frozen=True)
class StripPhoto:
    """A photo of the strip; ``stage_position`` is what experts agreed on."""

    photo_id: int
    taken_at: datetime | None
    stage_position: int | None
    is_current: bool


@dataclass(frozen=True)
class PlantStrip:
    """A plant and its photos, oldest first."""

    site: str
    plant: str
    photos: list[StripPhoto]


def plant_strip(*, project: Project, photo_id: int, reader: User) -> PlantStrip:
    """The ready photos of the same plant, at most ``STRIP_MOST``, this one as near the middle as there are others.

    Photos without a time stand where they were received. The stage of a photo that the reader holds stays untold, for
    it may be known already and asked to measure the reader.

    Raises:
        NotFound: "photo_not_found".
    """
    photo = photo_get(project=project, photo_id=photo_id)
    site = photo.site.name if photo.site else ""
    if photo.plant is None:
        return PlantStrip(site, "", [])
    same = Photo.objects.ready().filter(plant=photo.plant).annotate(at=Coalesce(F("taken_at"), F("received_at")))
    at = photo.taken_at or photo.received_at
    earlier = Q(at__lt=at) | Q(at=at, pk__lt=photo.pk)
    before = _rows(same.filter(earlier).order_by("-at", "-pk"))
    after = _rows(same.filter(~earlier).order_by("at", "pk"))
    n_before = min(len(before), max(STRIP_MOST // 2, STRIP_MOST - len(after)))
    held = photo_ids_held(project_id=project.pk, annotator_id=reader.pk)
    rows = chain(reversed(before[:n_before]), after[: STRIP_MOST - n_before])
    photos = [
        StripPhoto(pk, taken_at, None if pk in held else position, pk == photo.pk) for pk, taken_at, position in rows
    ]
    return PlantStrip(site, photo.plant.name, photos)


def _rows(photos: QuerySet[Photo]) -> list[tuple[int, datetime | None, int | None]]:
    return list(photos.values_list("pk", "taken_at", "consensus__stage__position")[:STRIP_MOST])
