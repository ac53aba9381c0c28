"""How a shadow does beside the version in use."""

from __future__ import annotations

import numpy as np
from django.db.models import Exists, OuterRef

from classifier.core.shadow import ShadowComparison, compare
from classifier.models import ModelVersion, Prediction
from classifier.selectors.learning import promoted_version
from labeling.models import Annotation, Consensus, Photo, QueueEntry, StageScale

MOST_PHOTOS = 2000
"""Photos that one shadow scores: enough to tell two points of accuracy, and a bound on what it costs."""
_BY_CHANCE = (QueueEntry.Reason.RANDOM, QueueEntry.Reason.EVALUATION, QueueEntry.Reason.ARRIVAL)


def shadow_of(*, project_id: int) -> ModelVersion | None:
    """The version that runs beside the one in use, for the stages in use."""
    return ModelVersion.objects.filter(
        project_id=project_id, shadow_since__isnull=False, scale__status=StageScale.Status.CURRENT
    ).first()


def shadow_room(*, version: ModelVersion) -> int:
    """How many more photos it may score."""
    scored = Prediction.objects.filter(model_version=version, photo_id__gt=version.shadow_after).count()
    return max(0, MOST_PHOTOS - scored)


def unshadowed_photos(*, version: ModelVersion, limit: int) -> list[tuple[int, str]]:
    """Ready photos that came since and that the version in use has scored, but not the shadow; ids and hashes."""
    serving = promoted_version(project_id=version.project_id)
    if serving is None or limit <= 0:
        return []
    by = Prediction.objects.filter(photo=OuterRef("pk"))
    photos = Photo.objects.ready().filter(
        Exists(by.filter(model_version=serving)),
        ~Exists(by.filter(model_version=version)),
        project_id=version.project_id,
        pk__gt=version.shadow_after,
    )
    return list(photos.order_by("pk").values_list("pk", "sha256")[:limit])


def shadow_comparison(*, version: ModelVersion) -> ShadowComparison | None:
    """Both versions on the settled photos that came since; None for a version that is no shadow.

    Only photos that were drawn by chance, or asked as they came, and that everybody answered blind: what a suggestion
    was shown for leans towards the version that gave it, and what was chosen for its doubt leans away from it.
    """
    serving = promoted_version(project_id=version.project_id)
    if version.shadow_since is None or serving is None or serving.scale_id != version.scale_id:
        return None
    answers = Annotation.objects.standing().filter(photo=OuterRef("photo"))
    settled = (
        Consensus.objects.filter(
            Exists(answers.filter(is_blind=True, shown__reason__in=_BY_CHANCE)),
            ~Exists(answers.filter(is_blind=False)),
            project_id=version.project_id,
            outcome=Consensus.Outcome.STAGE,
            stage__scale_id=version.scale_id,
            photo_id__gt=version.shadow_after,
        )
        .order_by("photo_id")
        .values_list("photo_id", "photo__group_key", "stage__position")
    )
    rows = list(settled[:MOST_PHOTOS])
    ids = [photo_id for photo_id, _, _ in rows]
    named = [_named(version=it, photo_ids=ids) for it in (serving, version)]
    both = [row for row in rows if row[0] in named[0] and row[0] in named[1]]
    correct = [np.asarray([of[photo_id] == stage for photo_id, _, stage in both], bool) for of in named]
    return compare(correct[0], correct[1], np.asarray([group for _, group, _ in both]), random_state=version.number)


def _named(*, version: ModelVersion, photo_ids: list[int]) -> dict[int, int]:
    """Photo -> the position the version finds likeliest."""
    rows = Prediction.objects.filter(model_version=version, photo_id__in=photo_ids)
    return {
        photo_id: max(range(len(probabilities)), key=probabilities.__getitem__)
        for photo_id, probabilities in rows.values_list("photo_id", "probabilities")
    }
