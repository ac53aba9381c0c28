"""The pool: photos that may be asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labeling.models import Annotation, Photo
from labeling.selectors.packed import packed_rows
from labeling.selectors.scales import positions_now

_KIND = [("photo_id", ">i8"), ("group", ">i8"), ("is_held_out", "?"), ("taken", ">f8")]
_PACKED = """
    int8send(p.id) || int8send(hashtextextended(p.group_key, 0)) || boolsend(p.is_held_out)
    || float8send(coalesce(extract(epoch from p.taken_at)::float8, 'nan'))
"""
# The same photos as ``Photo.objects.unsettled()``, which a test compares.
_SOURCE = """
    labeling_photo p where p.project_id = %s and p.status = 'ready'
    and not exists (select from labeling_consensus c where c.photo_id = p.id)
    and not exists (select from labeling_adjudication a where a.photo_id = p.id and a.state = 'open')
"""


@dataclass(frozen=True, slots=True)
class PoolRows:
    """What an acquisition needs to know of photos beside their embeddings; all arrays (n,), by ascending photo id.

    ``groups`` are hashes of group keys; ``taken`` are seconds since 1970, NaN where unknown. Held-out photos are not in
    the pool proper: they are asked for evaluation only.
    """

    photo_ids: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    is_held_out: npt.NDArray[np.bool_]
    taken: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.photo_ids)


def pool_rows(*, project_id: int) -> PoolRows:
    """Ready photos that are not settled or before an adjudicator, held-out ones among them."""
    rows: npt.NDArray[Any] = packed_rows(kind=_KIND, packed=_PACKED, source=_SOURCE, params=[project_id])
    rows = rows[np.argsort(rows["photo_id"], kind="stable")]
    return PoolRows(
        rows["photo_id"].astype(np.int64),
        rows["group"].astype(np.int64),
        rows["is_held_out"].copy(),
        rows["taken"].astype(np.float64),
    )


@dataclass(frozen=True, slots=True)
class PhotoPlaces:
    """When and where photos were taken, as far as the time is known; all arrays (n,), by ascending photo id.

    ``days`` since 1970; ``days_of_year`` from 1; ``sites`` and ``plants`` are ids, 0 where unknown.
    """

    photo_ids: npt.NDArray[np.int64]
    days: npt.NDArray[np.float64]
    days_of_year: npt.NDArray[np.int64]
    sites: npt.NDArray[np.int64]
    plants: npt.NDArray[np.int64]


def photo_places(*, project_id: int) -> PhotoPlaces:
    """Of a project's ready photos that have a time, settled or not."""
    rows: npt.NDArray[Any] = packed_rows(
        kind=[("photo_id", ">i8"), ("day", ">f8"), ("of_year", ">i2"), ("site", ">i8"), ("plant", ">i8")],
        packed="""
            int8send(p.id) || float8send(extract(epoch from p.taken_at)::float8 / 86400)
            || int2send(extract(doy from p.taken_at at time zone 'UTC')::int2)
            || int8send(coalesce(p.site_id, 0)) || int8send(coalesce(p.plant_id, 0))
        """,
        source="labeling_photo p where p.project_id = %s and p.status = 'ready' and p.taken_at is not null",
        params=[project_id],
    )
    rows = rows[np.argsort(rows["photo_id"], kind="stable")]
    return PhotoPlaces(
        rows["photo_id"].astype(np.int64),
        rows["day"].astype(np.float64),
        rows["of_year"].astype(np.int64),
        rows["site"].astype(np.int64),
        rows["plant"].astype(np.int64),
    )


def open_answers(*, project_id: int) -> dict[int, list[tuple[int, int]]]:
    """What experts said of photos that are not settled yet: photo id -> first and last position of each answer."""
    answers: dict[int, list[tuple[int, int]]] = {}
    rows = (
        Annotation.objects.standing()
        .filter(
            photo__in=Photo.objects.unsettled().filter(project_id=project_id),
            kind__in=[Annotation.Kind.STAGE, Annotation.Kind.BETWEEN],
        )
        .order_by("photo_id", "id")
        .values_list("photo_id", "stage_id", "stage_upper_id")
    )
    now = positions_now(project_id=project_id)
    for photo_id, stage, upper in rows:
        places = sorted({now.get(it, -1) for it in (stage, upper) if it is not None})
        if places[0] >= 0 and places[-1] - places[0] <= 1:
            answers.setdefault(photo_id, []).append((places[0], places[-1]))
    return answers
