"""To which group a photo belongs: photos of one group are never split between training and evaluation."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import BigIntegerField, F, Func, IntegerField, Max, Min, Q, Value

from labeling.models import Photo

BURST_GAP = timedelta(seconds=60)
BURST_SPAN = timedelta(minutes=10)
NEAR_DUPLICATE_BITS = 6


def group_key_for(*, photo: Photo, phash: int, taken_at: datetime | None) -> str:
    """The plant if it is known; else the group of a photo of the same burst or picture; else a group of its own.

    A photo joins the first group it touches and stays: groups are never merged later, because the draw of the held-out
    set has already been made for both. The caller serialises calls per project, or two photos of one burst processed
    at the same moment would not see each other.
    """
    if photo.plant_id is not None:
        return f"plant:{photo.plant_id}"
    return _burst_group(photo, taken_at) or _near_duplicate_group(photo, phash) or f"photo:{photo.pk}"


def _burst_group(photo: Photo, taken_at: datetime | None) -> str:
    """Same sender and site, within a minute of a photo already there.

    A walk along the rows with a photo every half minute is not one burst: a group spans ten minutes at most.
    """
    if taken_at is None or photo.uploaded_by_id is None:
        return ""
    neighbours = (
        Photo.objects.ready()
        .filter(
            Q(site=photo.site_id) if photo.site_id else Q(site__isnull=True),
            project_id=photo.project_id,
            uploaded_by_id=photo.uploaded_by_id,
            taken_at__range=(taken_at - BURST_GAP, taken_at + BURST_GAP),
        )
        .order_by("id")
        .values_list("group_key", flat=True)
    )
    for key in dict.fromkeys(neighbours):
        span = Photo.objects.filter(project_id=photo.project_id, group_key=key).aggregate(
            first=Min("taken_at"), last=Max("taken_at")
        )
        if max(span["last"], taken_at) - min(span["first"], taken_at) <= BURST_SPAN:
            return key
    return ""


def _near_duplicate_group(photo: Photo, phash: int) -> str:
    """The nearest picture within ``NEAR_DUPLICATE_BITS``, counted by the database: one scan of the project's hashes."""
    different = Func(
        F("phash"),
        Value(phash, BigIntegerField()),
        template="bit_count((%(expressions)s)::bit(64))",
        arg_joiner=" # ",
        output_field=IntegerField(),
    )
    nearest = (
        Photo.objects.ready()
        .filter(~Q(pk=photo.pk), project_id=photo.project_id, phash__isnull=False)
        .annotate(distance=different)
        .filter(distance__lte=NEAR_DUPLICATE_BITS)
        .order_by("distance", "id")
        .values_list("group_key", flat=True)
        .first()
    )
    return nearest or ""
