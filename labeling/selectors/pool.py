"""The pool: photos that may be asked about."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from labeling.models import Photo


@dataclass(frozen=True, slots=True)
class PoolPhoto:
    """What an acquisition needs to know of a photo beside its embedding."""

    photo_id: int
    sha256: str
    group_key: str


def pool_photos(*, project_id: int) -> list[PoolPhoto]:
    """Ready photos that are not held out, settled or before an adjudicator, by id."""
    return _rows(Photo.objects.in_pool().filter(project_id=project_id))


def held_out_unlabelled(*, project_id: int) -> list[PoolPhoto]:
    """Held-out photos that nobody has settled yet, by id: the evaluation share of a batch is drawn from these."""
    return _rows(Photo.objects.unsettled().filter(project_id=project_id, is_held_out=True))


def _rows(photos: QuerySet[Photo]) -> list[PoolPhoto]:
    rows = photos.order_by("id").values_list("pk", "sha256", "group_key")
    return [PoolPhoto(*row) for row in rows.iterator()]
