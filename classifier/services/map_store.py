"""Points of maps in storage: which photo lies where, in one file that is written once."""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from uuid import uuid4

import numpy as np
import numpy.typing as npt
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from classifier.models import PhotoMap
from labeling.domain.errors import NotFound


@dataclass(frozen=True)
class MapPoints:
    """``photo_ids`` (n,) and ``points`` (n, 2) of 0..65000, in an order in which the first m are a fair sample of all.

    So a browser that has got the beginning can show the whole map, thinly.
    """

    photo_ids: npt.NDArray[np.int64]
    points: npt.NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.photo_ids)


def map_points_keep(*, photo_map: PhotoMap, made: MapPoints) -> str:
    """Store the points; returns their key. Each attempt has a key of its own: it may be that two are at work."""
    stream = io.BytesIO()
    np.savez(stream, photo_ids=made.photo_ids, points=made.points)
    key = f"maps/{photo_map.project_id}-{photo_map.pk}-{uuid4().hex}.npz"
    default_storage.save(key, ContentFile(stream.getvalue()))
    return key


def map_points(*, photo_map: PhotoMap) -> MapPoints:
    """The points of a map that succeeded; kept in memory for the next request.

    Raises:
        NotFound: "map_not_found", the file was deleted with a map that is no longer shown.
    """
    try:
        return _read(photo_map.artifact_key)
    except FileNotFoundError:
        raise NotFound("map_not_found", "There is no such map in this project.") from None


def map_points_forget(*, photo_map: PhotoMap) -> None:
    """Delete the file of a map."""
    if photo_map.artifact_key:
        default_storage.delete(photo_map.artifact_key)


@functools.lru_cache(maxsize=4)
def _read(key: str) -> MapPoints:
    with default_storage.open(key, "rb") as stored:
        content = np.load(io.BytesIO(stored.read()), allow_pickle=False)
    return MapPoints(content["photo_ids"].astype(np.int64), content["points"].astype(np.uint16))
