"""Vectors of a project in one feature space, read in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import connection

from classifier.models import Embedding

_COPY_HEADER = 19  # signature (11 bytes), flags (4), length of the header's extension (4), which is empty
_COPY_TRAILER = 2


@dataclass(frozen=True)
class EmbeddingMatrix:
    """Photos and their vectors.

    ``photo_ids`` (n,) int64 ascending; ``vectors`` (n, d) float32, one row per photo.
    """

    photo_ids: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]

    def rows_of(self, photo_ids: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Row of each photo, -1 for those without a vector."""
        wanted = np.asarray(photo_ids, dtype=np.int64)
        if len(self.photo_ids) == 0:
            return np.full(wanted.shape, -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.photo_ids, wanted), len(self.photo_ids) - 1)
        return np.where(self.photo_ids[places] == wanted, places, -1)


def embedding_matrix(*, project_id: int, backbone: str) -> EmbeddingMatrix:
    """Read every vector of the project's ready photos in the feature space ``backbone``.

    By binary COPY into one NumPy view: rows have one width within a feature space, so 100,000 vectors need no Python
    object each. PostgreSQL documents the framing; pgvector sends a halfvec as its dimension, an unused int16 and
    big-endian float16 numbers.
    """
    statement = """
        copy (
            select e.photo_id, e.vector from classifier_embedding e join labeling_photo p on p.id = e.photo_id
            where p.project_id = %s and p.status = 'ready' and e.backbone = %s order by e.photo_id
        ) to stdout (format binary)
    """
    with connection.cursor() as cursor, cursor.copy(statement, [project_id, backbone]) as copy:
        data = b"".join(copy)
    body = memoryview(data)[_COPY_HEADER:-_COPY_TRAILER]
    if len(body) == 0:
        return EmbeddingMatrix(np.empty(0, np.int64), np.empty((0, 0), np.float32))
    dimension = int.from_bytes(body[18:20], "big")
    rows = np.frombuffer(body, dtype=_row_type(dimension))
    return EmbeddingMatrix(rows["photo_id"].astype(np.int64), rows["vector"].astype(np.float32))


def _row_type(dimension: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("n_fields", ">i2"),
            ("photo_id_length", ">i4"),
            ("photo_id", ">i8"),
            ("vector_length", ">i4"),
            ("dimension", ">i2"),
            ("unused", ">i2"),
            ("vector", ">f2", (dimension,)),
        ]
    )


def embedding_matrix_of(*, photo_ids: Sequence[int], backbone: str) -> npt.NDArray[np.float32] | None:
    """Vectors (n, d) of a few photos, in the order asked for; None unless every one of them has a vector."""
    found = dict(Embedding.objects.filter(backbone=backbone, photo_id__in=photo_ids).values_list("photo_id", "vector"))
    if len(found) < len(set(photo_ids)) or not found:
        return None
    return np.asarray([found[photo_id] for photo_id in photo_ids], dtype=np.float32)
