"""What people called photos one by one, and which photos' stage is beyond doubt: what a model is measured against."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from labeling.models import Annotation, Consensus


def single_answers(*, photo_ids: Sequence[int], scale_id: int) -> list[tuple[int, int]]:
    """(photo id, stage position) of every standing answer of the photos' current rounds that names one stage."""
    rows = (
        Annotation.objects.standing()
        .annotate(asked_round=Coalesce("photo__adjudication__round", 1))
        .filter(photo_id__in=photo_ids, kind=Annotation.Kind.STAGE, stage__scale_id=scale_id, round=F("asked_round"))
        .order_by("photo_id", "id")
    )
    return list(rows.values_list("photo_id", "stage__position"))


def photo_ids_beyond_doubt(*, photo_ids: Sequence[int]) -> set[int]:
    """Those whose stage an adjudicator settled or that was known from the start."""
    return set(
        Consensus.objects.filter(Q(is_gold=True) | Q(is_adjudicated=True), photo_id__in=photo_ids).values_list(
            "photo_id", flat=True
        )
    )
