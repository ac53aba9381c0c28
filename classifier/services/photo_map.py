"""Laying a project's photos out: the whole of them, or new ones among those that are there."""

from __future__ import annotations

import time
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import structlog
from django.db.models import Max
from django.utils import timezone

from classifier.core.projection import SIDE, Known, aligned_to, lay_out, map_quality, place_new, quantised
from classifier.models import Embedding, PhotoMap, RunState
from classifier.models.runs import ACTIVE_STATES
from classifier.row_store import Ids
from classifier.selectors.embeddings import embedding_rows
from classifier.selectors.photo_maps import photo_map_shown
from classifier.selectors.stored_rows import PhotoRows
from classifier.services.locks import LockSpace, advisory_lock
from classifier.services.map_store import MapPoints, map_points, map_points_forget, map_points_keep
from classifier.services.photo_map_requests import FEWEST
from labeling.domain.errors import DomainError, NotFound
from labeling.selectors.packed import packed_rows

logger = structlog.get_logger(__name__)

PLACED_MOST = 0.3
"""Share of the photos laid out together by which others may be added before all are laid out anew."""
AMONG_MOST = 20_000
INSIDE_LEAST = 0.99
"""Share of points that must lie in the last map's frame for it to be kept."""
KEPT_MAPS = 2
"""The one shown, and the one before, which somebody may be looking at."""
REPORT_SECONDS = 1.0
ERROR_LENGTH = 500


def photo_map_build(*, photo_map_id: int, feature_space: str, worker: str = "") -> PhotoMap | None:
    """Lay out what was asked for.

    Safe to repeat: one that is over, or that another worker is at, is let be.

    Args:
        photo_map_id: the request.
        feature_space: name of the space whose vectors are laid out.
        worker: who does it.

    Returns:
        The map; None when there was nothing to do.
    """
    asked = PhotoMap.objects.filter(pk=photo_map_id).first()
    if asked is None:
        return None
    with advisory_lock(LockSpace.PHOTO_MAP, asked.project_id) as is_ours:
        asked.refresh_from_db()
        if not is_ours or asked.state not in ACTIVE_STATES:
            return None
        now = timezone.now()
        asked.state, asked.worker, asked.started_at, asked.heartbeat_at = RunState.RUNNING, worker, now, now
        asked.attempts, asked.progress, asked.step, asked.error = asked.attempts + 1, 0.0, "", ""
        asked.save()
        try:
            _build(asked, feature_space)
        except Exception as error:
            asked.state, asked.finished_at, asked.error = RunState.FAILED, timezone.now(), str(error)[:ERROR_LENGTH]
            asked.save(update_fields=["state", "finished_at", "error"])
            if isinstance(error, DomainError):
                return asked
            raise
    return asked


def _build(asked: PhotoMap, feature_space: str) -> None:
    newest = Embedding.objects.aggregate(newest=Max("pk"))["newest"] or 0
    ids = _photo_ids(asked.project_id, feature_space)
    if len(ids) < FEWEST:
        raise DomainError("too_few_photos", f"A map needs {FEWEST} photos that a model has looked at.")
    vectors = embedding_rows(project_id=asked.project_id, backbone=feature_space, photo_ids=ids)
    ids = ids[vectors.rows_of(ids) >= 0]
    last = photo_map_shown(project_id=asked.project_id)
    before = None if last is None or last.feature_space != feature_space else _points_of(last, ids)
    if last is not None and before is not None and _may_be_placed(last, before, len(ids)):
        made = _placed(vectors, before, ids, seed=asked.project.seed)
        asked.n_fitted, asked.quality = last.n_fitted, last.quality
    else:
        made = _laid_out(asked, vectors, before, ids)
        asked.n_fitted = len(made)
    asked.artifact_key = map_points_keep(photo_map=asked, made=made)
    asked.feature_space, asked.n_points, asked.last_embedding = feature_space, len(made), newest
    asked.state, asked.progress, asked.step, asked.finished_at = RunState.SUCCEEDED, 1.0, "", timezone.now()
    asked.save()
    logger.info("map_laid_out", project=asked.project_id, points=asked.n_points, fitted=asked.n_fitted)
    _forget_old(asked.project_id)


def _photo_ids(project_id: int, feature_space: str) -> Ids:
    """Ready photos that have a vector in the space, ascending."""
    rows = packed_rows(
        kind=[("photo_id", ">i8")],
        packed="int8send(p.id)",
        source="""
            labeling_photo p join classifier_embedding e on e.photo_id = p.id and e.backbone = %s
            where p.project_id = %s and p.status = 'ready'
        """,
        params=[feature_space, project_id],
    )
    return np.sort(rows["photo_id"].astype(np.int64))


def _points_of(last: PhotoMap, ids: Ids) -> MapPoints | None:
    """The last map without the photos that are gone; None when its file is."""
    try:
        before = map_points(photo_map=last)
    except NotFound:
        return None
    stays = np.isin(before.photo_ids, ids)
    return MapPoints(before.photo_ids[stays], before.points[stays])


def _may_be_placed(last: PhotoMap, before: MapPoints, n_photos: int) -> bool:
    n_others = n_photos - min(last.n_fitted, len(before))
    return len(before) >= FEWEST and n_others <= PLACED_MOST * last.n_fitted


def _placed(vectors: PhotoRows, before: MapPoints, ids: Ids, *, seed: int) -> MapPoints:
    """The last map with new photos among its own, which stay where they are."""
    rng = np.random.default_rng(seed)
    new = rng.permutation(np.setdiff1d(ids, before.photo_ids))
    among = rng.permutation(len(before))[:AMONG_MOST]
    points = place_new(
        vectors.values[vectors.rows_of(new)],
        among=vectors.values[vectors.rows_of(before.photo_ids[among])],
        points=before.points[among].astype(np.float32),
    )
    return MapPoints(np.concatenate([before.photo_ids, new]), np.concatenate([before.points, _in_frame(points)]))


def _laid_out(asked: PhotoMap, vectors: PhotoRows, before: MapPoints | None, ids: Ids) -> MapPoints:
    """All photos laid out together; over the last map, as far as there is one."""
    seed = asked.project.seed
    ids = np.random.default_rng(seed).permutation(ids)
    X = vectors.values[vectors.rows_of(ids)]
    known = None
    if before is not None and len(before):
        order = np.argsort(ids)
        rows = order[np.searchsorted(ids, before.photo_ids, sorter=order)]
        known = Known(rows, before.points.astype(np.float32))
    layout = lay_out(X, seed=seed, known=known, on_progress=Reporter(asked))
    asked.quality = asdict(map_quality(X, layout.points, seed=seed))
    return MapPoints(ids, _framed(layout.points, known))


def _framed(points: npt.NDArray[np.float32], known: Known | None) -> npt.NDArray[np.uint16]:
    """Whole numbers in the frame of the last map, as long as the points fit; else in one of their own, turned alike."""
    if known is None:
        return quantised(points)
    aligned = aligned_to(points, rows=known.rows, target=known.points)
    is_inside = ((aligned >= 0) & (aligned <= SIDE)).all(axis=1)
    return _in_frame(aligned) if is_inside.mean() >= INSIDE_LEAST else quantised(aligned)


def _in_frame(points: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    return np.clip(np.rint(points), 0, SIDE).astype(np.uint16)


def _forget_old(project_id: int) -> None:
    """Maps that are no longer shown go, with their files; of what failed the last stays to be read."""
    kept = list(
        PhotoMap.objects.filter(project_id=project_id, state=RunState.SUCCEEDED).values_list("pk", flat=True)[
            :KEPT_MAPS
        ]
    )
    for old in PhotoMap.objects.filter(project_id=project_id).exclude(pk__in=kept).exclude(state__in=ACTIVE_STATES):
        map_points_forget(photo_map=old)
        old.delete()


class Reporter:
    """Writes how far a map is, once a second: its sign of life too."""

    def __init__(self, asked: PhotoMap) -> None:
        self._id = asked.pk
        self._written = 0.0

    def __call__(self, share: float, step: str) -> None:
        """Take a report of the layout."""
        if time.monotonic() - self._written < REPORT_SECONDS:
            return
        self._written = time.monotonic()
        PhotoMap.objects.filter(pk=self._id, state=RunState.RUNNING).update(
            progress=share, step=step, heartbeat_at=timezone.now()
        )
