"""Embeddings and predictions of photos, in chunks that any worker may take and any delivery may repeat."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from classifier.core.contracts import Array
from classifier.models import Embedding, ModelVersion, Prediction, RunState, ScoringRun
from classifier.selectors.embeddings import embedding_matrix_of
from classifier.selectors.learning import photo_ids_unembedded, photo_ids_unscored, promoted_version
from classifier.services.model_store import ensemble_load
from classifier.services.photo_arrays import PhotosAhead
from classifier.services.ports import Runtime
from labeling.models import Photo

CHUNK = 256
"""Photos of one task: about a second of work, and 40 MB of pixels. Decoding hides behind the network from the second
batch on, so a chunk is several of them."""
WAVE = 4096
"""Most photos handed out before looking again."""
EMBEDDING_PIXELS = 224
PROBABILITY_DECIMALS = 6


def photos_to_score(*, project_id: int, feature_space: str) -> list[int]:
    """Ready photos that lack a vector or, where a version is promoted, its probabilities; at most ``WAVE``."""
    ids = set(photo_ids_unembedded(project_id=project_id, backbone=feature_space, limit=WAVE))
    version = promoted_version(project_id=project_id)
    if version is not None:
        ids.update(photo_ids_unscored(model_version=version, limit=WAVE))
    return sorted(ids)[:WAVE]


def photos_score(*, project_id: int, photo_ids: Sequence[int], runtime: Runtime) -> None:
    """Embed a chunk of photos and, where a version is promoted, predict it. Work that is done already is skipped."""
    photos_embed(photo_ids=photo_ids, runtime=runtime)
    version = promoted_version(project_id=project_id)
    if version is not None:
        pool_score_chunk(model_version_id=version.pk, photo_ids=photo_ids, runtime=runtime)


def photos_embed(*, photo_ids: Sequence[int], runtime: Runtime) -> int:
    """Store the vectors of those photos that have none in the present feature space; returns how many were added."""
    weights_dir = settings.KERAS_WEIGHTS_DIR
    space = runtime.feature_space(weights_dir)
    known = Embedding.objects.filter(backbone=space.name, photo_id__in=photo_ids).values("photo_id")
    photos = list(
        Photo.objects.ready().filter(pk__in=photo_ids).exclude(pk__in=known).order_by("pk").values_list("pk", "sha256")
    )
    if not photos:
        return 0
    with PhotosAhead(sha256s=[sha for _, sha in photos], size=EMBEDDING_PIXELS) as pixels:
        vectors = runtime.embed(pixels, weights_dir)
    Embedding.objects.bulk_create(
        [
            Embedding(photo_id=photo_id, backbone=space.name, vector=np.asarray(vector, np.float16))
            for (photo_id, _), vector in zip(photos, vectors, strict=True)
        ],
        ignore_conflicts=True,  # another delivery of this chunk computed the same vectors
    )
    return len(photos)


def pool_score_chunk(*, model_version_id: uuid.UUID, photo_ids: Sequence[int], runtime: Runtime) -> int:
    """Store the probabilities of photos by a promoted version; returns how many were added.

    A version that is no longer promoted is left alone, before the slow part and again after it: nobody reads its
    scores, and the chunks of its successor are waiting.
    """
    version = ModelVersion.objects.filter(pk=model_version_id).first()
    if version is None or version.state != ModelVersion.State.PROMOTED:
        return 0
    known = Prediction.objects.filter(model_version=version, photo_id__in=photo_ids).values("photo_id")
    photos = list(
        Photo.objects.ready().filter(pk__in=photo_ids).exclude(pk__in=known).order_by("pk").values_list("pk", "sha256")
    )
    if photos:
        ids = [photo_id for photo_id, _ in photos]
        probas = predict(version, ids, [sha for _, sha in photos], runtime)
        with transaction.atomic():
            current = ModelVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
            if current.state != ModelVersion.State.PROMOTED:
                return 0
            predictions_store(model_version_id=version.pk, photo_ids=ids, probas=probas)
    _scoring_run_update(version)
    return len(photos)


def predictions_store(*, model_version_id: uuid.UUID, photo_ids: Sequence[int], probas: Array) -> None:
    """Upsert probabilities of shape (n, K); a repeated chunk overwrites its own numbers with the same."""
    rows = np.round(np.asarray(probas, np.float64), PROBABILITY_DECIMALS).tolist()
    Prediction.objects.bulk_create(
        [
            Prediction(photo_id=photo_id, model_version_id=model_version_id, probabilities=row)
            for photo_id, row in zip(photo_ids, rows, strict=True)
        ],
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["photo", "model_version"],
        update_fields=["probabilities"],
    )


def scoring_run_open(*, model_version: ModelVersion) -> ScoringRun:
    """The record of a version's scoring of the whole project; one per version."""
    with transaction.atomic():
        ModelVersion.objects.select_for_update(no_key=True).get(pk=model_version.pk)
        run = ScoringRun.objects.filter(model_version=model_version, kind=ScoringRun.Kind.FULL).first()
        return run or ScoringRun.objects.create(
            project_id=model_version.project_id,
            kind=ScoringRun.Kind.FULL,
            model_version=model_version,
            state=RunState.RUNNING,
            started_at=timezone.now(),
            heartbeat_at=timezone.now(),
        )


def predict(version: ModelVersion, photo_ids: list[int], sha256s: list[str], runtime: Runtime) -> Array:
    """Probabilities (n, K); cached vectors of the ensemble's own space save its frozen members their slowest part.

    This machine may embed into another space, if it has other weights than the one that trained: vectors of that would
    fit by their length and say nothing. Without any the ensemble embeds, from photos as large as embedding wants them.
    """
    loaded = ensemble_load(model_version=version, runtime=runtime)
    space, size = loaded.ensemble.feature_space, loaded.image_size
    features = embedding_matrix_of(photo_ids=photo_ids, backbone=space) if space else None
    if space and features is None:
        size = max(size, EMBEDDING_PIXELS)
    # What is decoded for embedding is wanted once; for the next version, only what networks look at.
    is_kept = size == loaded.image_size
    with PhotosAhead(sha256s=sha256s, size=size, is_kept=is_kept) as pixels:
        return loaded.ensemble.predict_proba(pixels, features)


def _scoring_run_update(version: ModelVersion) -> None:
    """Write progress from a count, not by adding up: a chunk that was delivered twice counts once."""
    run = scoring_run_open(model_version=version)
    total = Photo.objects.ready().filter(project_id=version.project_id).count()
    scored = Prediction.objects.filter(model_version=version).count()
    now = timezone.now()
    run.n_scored, run.progress, run.heartbeat_at = scored, min(1.0, scored / max(total, 1)), now
    is_done = scored >= total
    run.state = RunState.SUCCEEDED if is_done else RunState.RUNNING
    run.finished_at = (run.finished_at or now) if is_done else None
    run.save(update_fields=["n_scored", "progress", "heartbeat_at", "state", "finished_at"])
