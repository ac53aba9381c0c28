"""What date, place and plant alone say of a photo: read as the last refresh left it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection
from django.db.models import Exists, OuterRef

from classifier.selectors.blindness import is_blind_to
from labeling.models import Photo, Project, QueueEntry, User
from labeling.selectors.photos import photo_get

MOST_PLANT_PHOTOS = 20_000
"""Photos of the queued plants that are smoothed, the plants photographed last first; a millisecond a plant."""

State = Literal["ready", "blind"]
STATES: tuple[State, ...] = ("ready", "blind")


@dataclass(frozen=True, slots=True)
class SeasonSaid:
    """Probabilities in stage order of photos taken around this day, ``at_site`` or at all sites; on how many labels."""

    probabilities: list[float]
    n_photos: int
    at_site: bool


@dataclass(frozen=True, slots=True)
class PlantSaid:
    """First and last stage that the plant's ``n_photos`` other photos of the season leave."""

    lower: int
    upper: int
    n_photos: int


@dataclass(frozen=True, slots=True)
class DateEvidence:
    """What stands beside the image model; None where nothing is known, or all of it is kept from the reader."""

    state: State
    season: SeasonSaid | None = None
    plant: PlantSaid | None = None


@dataclass(frozen=True, slots=True)
class PlantPhoto:
    """A dated photo of a plant one of whose photos is queued; ``is_asked``: it is queued itself, openly."""

    photo_id: int
    plant_id: int
    taken_at: datetime
    is_asked: bool


def date_evidence_of(*, project: Project, photo_id: int, reader: User) -> DateEvidence:
    """Everything there is, in one statement after the photo and its blindness were looked up.

    Raises:
        NotFound: "photo_not_found".
    """
    photo = photo_get(project=project, photo_id=photo_id)
    # A held-out photo measures the model, and what measures must not be led, queued now or not.
    if photo.is_held_out or is_blind_to(photo=photo, reader=reader):
        return DateEvidence("blind")
    with connection.cursor() as cursor:
        cursor.execute(_EVIDENCE, {"photo": photo.pk, "project": project.pk})
        row = cursor.fetchone()
    if row is None:
        return DateEvidence("ready")
    probabilities, support, at_site, lower, upper, n_photos = row
    return DateEvidence(
        "ready",
        season=SeasonSaid(probabilities, int(support), at_site) if probabilities else None,
        plant=None if lower is None else PlantSaid(lower, upper, n_photos),
    )


# The site's own table, else the one of all sites; one slice of it, not the year.
_EVIDENCE = """
    select t.probabilities[t.day * t.k + 1 : (t.day + 1) * t.k], t.support[t.day + 1], t.site_id is not null,
           b.lower, b.upper, b.n_photos
    from labeling_photo p
    join labeling_stagescale s on s.project_id = p.project_id and s.status = 'current'
    left join lateral (
        select t.probabilities, t.support, t.site_id, cardinality(t.probabilities) / 366 as k,
               extract(doy from p.taken_at at time zone 'UTC')::int %% 366 as day
        from classifier_seasontable t
        where t.project_id = p.project_id and t.scale_id = s.id and p.taken_at is not null
          and (t.site_id = p.site_id or t.site_id is null)
        order by t.site_id nulls last limit 1
    ) t on true
    left join classifier_plantbounds b on b.photo_id = p.id and b.scale_id = s.id
    where p.id = %(photo)s and p.project_id = %(project)s
"""


def queued_plant_photos(*, project_id: int) -> list[PlantPhoto]:
    """Dated photos, not held out, of the plants whose photos are asked openly; by plant."""
    # Gold checks among them: one that lacked what all others have would be known by it.
    asked = QueueEntry.objects.filter(project_id=project_id, is_blind=False, photo__is_held_out=False)
    plants = asked.filter(photo__plant__isnull=False, photo__taken_at__isnull=False).values("photo__plant")
    rows = (
        Photo.objects.ready()
        .filter(project_id=project_id, plant__in=plants, taken_at__isnull=False, is_held_out=False)
        .annotate(is_asked=Exists(asked.filter(photo=OuterRef("pk"))))
        .order_by("-plant_id", "taken_at", "pk")
        .values_list("pk", "plant_id", "taken_at", "is_asked")
    )
    return [
        PlantPhoto(photo_id, plant_id, taken_at, is_asked)
        for photo_id, plant_id, taken_at, is_asked in rows[:MOST_PLANT_PHOTOS]
        if taken_at is not None
    ]


def photo_ids_kept(*, photo_ids: list[int]) -> set[int]:
    """Those of the photos that are still there, and stay so until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select id from labeling_photo where id = any(%s) order by id for key share", [photo_ids])
        return {photo_id for (photo_id,) in cursor.fetchall()}
