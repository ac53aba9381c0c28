"""A version that scores new photos beside the one in use, unseen, until it is known which is better."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from classifier.models import ModelVersion
from classifier.selectors.shadows import shadow_of, shadow_room, unshadowed_photos
from classifier.services.ports import Runtime
from classifier.services.scoring import predict, predictions_store
from labeling.domain.errors import Conflict
from labeling.models import Photo, Project, StageScale

CHUNK = 64
CHUNKS = 4
"""Of one task: its model takes the place of the one in use in memory, so a task is worth more than one chunk."""


def shadow_start(*, project_id: int, model_version_id: uuid.UUID) -> None:
    """Let a version run beside the one in use, in the place of whichever did so far.

    Raises:
        Conflict: ``shadow_promoted`` for the version in use, ``nothing_to_shadow`` where none is in use, and
            ``scale_changed`` when it was trained on another version of the stages.
    """
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project_id)
        version = ModelVersion.objects.select_related("scale").get(pk=model_version_id, project_id=project_id)
        if version.shadow_since is not None:
            return
        if version.state == ModelVersion.State.PROMOTED:
            raise Conflict("shadow_promoted", "This version is in use already.")
        if version.scale.status != StageScale.Status.CURRENT:
            raise Conflict("scale_changed", "This version was trained on stages that the project no longer uses.")
        if not ModelVersion.objects.filter(project_id=project_id, state=ModelVersion.State.PROMOTED).exists():
            raise Conflict("nothing_to_shadow", "No version is in use that it could be compared with.")
        ModelVersion.objects.filter(project_id=project_id).update(shadow_since=None)
        version.shadow_since = timezone.now()
        version.shadow_after = Photo.objects.filter(project_id=project_id).aggregate(last=Max("pk"))["last"] or 0
        version.save(update_fields=["shadow_since", "shadow_after"])


def shadow_stop(*, project_id: int, model_version_id: uuid.UUID) -> None:
    """Let a version run no longer; what it scored is kept."""
    ModelVersion.objects.filter(pk=model_version_id, project_id=project_id).update(shadow_since=None)


def shadow_score(*, project_id: int, runtime: Runtime) -> bool:
    """Score some of the photos that came since, by the shadow; whether there are more.

    Never more photos than ``shadow_room`` leaves. Only what the version in use has scored counts, so a shadow is never
    ahead of it, nor does it hold up what people wait for.
    """
    version = shadow_of(project_id=project_id)
    if version is None:
        return False
    room = min(shadow_room(version=version), CHUNK * CHUNKS)
    photos = unshadowed_photos(version=version, limit=room)
    for start in range(0, len(photos), CHUNK):
        chunk = photos[start : start + CHUNK]
        ids = [photo_id for photo_id, _ in chunk]
        probas = predict(version, ids, [sha256 for _, sha256 in chunk], runtime)
        predictions_store(model_version_id=version.pk, photo_ids=ids, probas=probas)
    return len(photos) == CHUNK * CHUNKS
