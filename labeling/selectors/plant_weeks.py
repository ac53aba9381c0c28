"""Plants through a season: the photo that speaks for each week, and the dated photos that a check reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from labeling.models import Photo, Plant, Project, StageScale

CHUNK = 20_000


@dataclass(frozen=True)
class PlantWeek:
    """One week of a plant. The photo is the one that matters most: at odds with the others, else settled, else latest.

    ``position`` is its consensus, or else what a model suggests; ``n`` are the plant's photos of the week.
    """

    plant_id: int
    monday: date
    photo_id: int
    position: int | None
    is_label: bool
    is_flagged: bool
    n: int


@dataclass(frozen=True)
class PlantPhotos:
    """Dated photos of plants that have a stage, settled or suggested; all (n,), ``days`` since 1970."""

    photo: npt.NDArray[np.int64]
    plant: npt.NDArray[np.int64]
    days: npt.NDArray[np.float64]
    position: npt.NDArray[np.int64]
    confidence: npt.NDArray[np.float64]
    is_label: npt.NDArray[np.bool_]


def plants_photographed(
    *, project: Project, first: datetime, end: datetime, flagged: Collection[int] | None = None
) -> QuerySet[Plant]:
    """Plants with a ready photo within [first, end); those of ``flagged`` photos only, where given."""
    photos = Photo.objects.ready().filter(plant=OuterRef("pk"), taken_at__gte=first, taken_at__lt=end)
    if flagged is not None:
        photos = photos.filter(pk__in=flagged)
    return Plant.objects.filter(Exists(photos), site__project=project).select_related("site")


_WEEKS = """
    select distinct on (p.plant_id, week) p.plant_id, date_trunc('week', p.taken_at, 'UTC')::date as week, p.id,
        coalesce(s.position, case when c.photo_id is null then g.position end), s.id is not null,
        p.id = any(%(flagged)s::bigint[]) as is_flagged,
        count(*) over (partition by p.plant_id, date_trunc('week', p.taken_at, 'UTC'))
    from labeling_photo p
    left join labeling_consensus c on c.photo_id = p.id
    left join labeling_growthstage s on s.id = c.stage_id and s.scale_id = %(scale)s
    left join labeling_suggestion g on g.photo_id = p.id and g.position < %(n_stages)s
    where p.plant_id = any(%(plants)s) and p.status = 'ready' and p.taken_at >= %(first)s and p.taken_at < %(end)s
    order by p.plant_id, week, is_flagged desc, (s.id is not null) desc, p.taken_at desc, p.id desc
"""


def plant_weeks(
    *,
    scale: StageScale,
    n_stages: int,
    plant_ids: Sequence[int],
    first: datetime,
    end: datetime,
    flagged: Collection[int],
) -> list[PlantWeek]:
    """The weeks of some plants within [first, end), in order; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WEEKS,
            {
                "flagged": list(flagged), "scale": scale.pk, "n_stages": n_stages, "plants": list(plant_ids),
                "first": first, "end": end,
            },
        )  # fmt: skip
        return [PlantWeek(*row) for row in cursor.fetchall()]


_PHOTOS = """
    select p.id, p.plant_id, extract(epoch from p.taken_at)::float8 / 86400, coalesce(s.position, g.position),
        case when s.id is not null then c.consensus_quality else g.confidence end, s.id is not null
    from labeling_photo p
    left join labeling_consensus c on c.photo_id = p.id
    left join labeling_growthstage s on s.id = c.stage_id and s.scale_id = %(scale)s
    left join labeling_suggestion g on g.photo_id = p.id and c.photo_id is null and g.position < %(n_stages)s
    where p.project_id = %(project)s and p.status = 'ready' and p.plant_id is not null and p.taken_at is not null
      and (s.id is not null or g.photo_id is not null)
"""


def plant_photos(*, scale: StageScale, n_stages: int) -> PlantPhotos:
    """All of a project's, a chunk of rows at a time: a million take 50 MB."""
    kinds = (np.int64, np.int64, np.float64, np.int64, np.float64, np.bool_)
    parts = [[np.zeros(0, kind)] for kind in kinds]
    with connection.chunked_cursor() as cursor:
        cursor.execute(_PHOTOS, {"scale": scale.pk, "project": scale.project_id, "n_stages": n_stages})
        while rows := cursor.fetchmany(CHUNK):
            for part, kind, column in zip(parts, kinds, zip(*rows, strict=True), strict=True):
                part.append(np.array(column, kind))
    return PlantPhotos(*(np.concatenate(part) for part in parts))
