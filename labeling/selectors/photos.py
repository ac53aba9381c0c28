"""Photos, as lists and pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from django.db.models import Q
from django.utils import timezone

from labeling.domain.errors import NotFound
from labeling.domain.places import coarsened
from labeling.imaging import VIEW_SIDE
from labeling.models import Annotation, Photo, PhotoLocation, Project, Role, User
from labeling.models.photos import PhotoQuerySet
from labeling.selectors.scales import annotations_shown

UNPROCESSED_AFTER = timedelta(seconds=30)
RenditionName = Literal["thumb", "view", "full"]


@dataclass(frozen=True)
class PhotoFilter:
    """What a list of photos may be narrowed by; None leaves the list as it is."""

    status: str | None = None
    stage: str | None = None
    suggested: int | None = None
    site: int | None = None
    import_batch: int | None = None
    no_site: bool = False
    no_date: bool = False
    taken_from: date | None = None
    taken_to: date | None = None
    is_waiting: bool = False
    """Ready, and not settled."""


def photos_listed(*, project: Project, only: PhotoFilter) -> PhotoQuerySet:
    """Photos of a project for a list: one query, whatever the number of rows."""
    wanted = {
        "status": only.status,
        "consensus__stage__slug": only.stage,
        "suggestion__position": only.suggested,
        "site_id": only.site,
        "import_batch_id": only.import_batch,
    }
    photos = _with_opinions(Photo.objects.filter(project=project)).filter(
        **{field: value for field, value in wanted.items() if value is not None}
    )
    if only.is_waiting:
        photos = photos.awaiting_consensus()
    if only.no_site:
        photos = photos.filter(site__isnull=True)
    if only.no_date:
        photos = photos.filter(taken_at__isnull=True)
    # Days in UTC, as the dashboard counts them.
    if only.taken_from is not None:
        photos = photos.filter(taken_at__gte=datetime.combine(only.taken_from, time.min, UTC))
    if only.taken_to is not None:
        photos = photos.filter(taken_at__lt=datetime.combine(only.taken_to, time.min, UTC) + timedelta(days=1))
    return photos


def photo_get(*, project: Project, photo_id: int) -> Photo:
    """A photo of this project, ready to be shown.

    Raises:
        NotFound: it is not there, or belongs to another project.
    """
    photo = _with_opinions(Photo.objects.filter(project=project, pk=photo_id)).first()
    if photo is None:
        raise _no_such_photo()
    return photo


@dataclass(frozen=True)
class Place:
    """Where a photo was taken, as far as somebody may know it."""

    latitude: float
    longitude: float
    is_exact: bool


def photo_place(*, photo: Photo, user: User) -> Place | None:
    """Where a photo was taken: to its sender exactly, to everybody else, whatever their role, within a kilometre."""
    location = PhotoLocation.objects.filter(photo=photo).first()
    if location is None:
        return None
    if photo.uploaded_by_id == user.pk:
        return Place(location.latitude, location.longitude, is_exact=True)
    return Place(*coarsened(location.latitude, location.longitude), is_exact=False)


def photo_viewable(*, project: Project, photo_id: int, user: User, role: Role) -> Photo:
    """A photo whose pixels this person may see: experts all, growers their own and the examples of the stages.

    Raises:
        NotFound: it is not there, or not for this person.
    """
    photos = Photo.objects.filter(project=project, pk=photo_id)
    if not role.includes(Role.EXPERT):
        photos = photos.filter(Q(uploaded_by=user) | Q(reference_for__isnull=False)).distinct()
    photo = photos.only("id", "sha256", "status", "width", "height").first()
    if photo is None:
        raise _no_such_photo()
    return photo


def largest_rendition(*, photo: Photo) -> RenditionName:
    """``full``, or ``view`` for a photo that is no larger: it has no ``full``."""
    return "full" if max(photo.width, photo.height) > VIEW_SIDE else "view"


def photos_known(*, project: Project, sha256s: Sequence[str]) -> list[tuple[str, int]]:
    """Which of these hashes the project has, with the photo's id; a hash whose photo was rejected counts too."""
    return list(Photo.objects.filter(project=project, sha256__in=sha256s).values_list("sha256", "pk"))


def photos_unprocessed(*, limit: int) -> list[int]:
    """Photos that have been RECEIVED for longer than processing takes to start, oldest first."""
    before = timezone.now() - UNPROCESSED_AFTER
    waiting = Photo.objects.filter(status=Photo.Status.RECEIVED, received_at__lt=before).order_by("received_at")
    return list(waiting.values_list("pk", flat=True)[:limit])


def annotations_visible(*, photo: Photo, user: User, role: Role) -> list[Annotation]:
    """Annotations of a photo that this person may see, in order.

    An expert sees those of others only after deciding, so that opinions stay independent; adjudicators see all.
    """
    rows = list(
        Annotation.objects.filter(photo=photo)
        .select_related("annotator", "stage__scale", "stage_upper__scale")
        .order_by("id")
    )
    has_decided = any(row.annotator_id == user.pk and row.withdrawn_at is None for row in rows)
    if has_decided or role.includes(Role.ADJUDICATOR):
        return annotations_shown(rows)
    return annotations_shown([row for row in rows if row.annotator_id == user.pk])


def _with_opinions(photos: PhotoQuerySet) -> PhotoQuerySet:
    return photos.select_related("site", "plant", "consensus__stage", "suggestion")


def _no_such_photo() -> NotFound:
    return NotFound("photo_not_found", "There is no such photo in this project.")
