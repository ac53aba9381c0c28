"""Vectors of photos in one feature space, read in bulk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from django.db import connection

from classifier.models import Embedding
from classifier.row_store import Ids, Numbers
from classifier.selectors.stored_rows import PhotoRows, photo_rows
from labeling.selectors.packed import packed_rows

_HEADER = 4  # pgvector sends a halfvec as its dimension, an unused int16 and big-endian float16 numbers


def embedding_rows(*, project_id: int, backbone: str, photo_ids: Ids) -> PhotoRows:
    """Vectors (float16) of a project's photos in the feature space ``backbone``.

    Args:
        project_id: whose photos.
        backbone: name of the space, which tells the weights.
        photo_ids: (n,) whose vectors are wanted. Others that were wanted before are among the answer.
    """
    return photo_rows(
        name=("embedding", str(project_id), backbone),
        dtype=np.float16,
        photo_ids=photo_ids,
        fetch=lambda ids: _vectors(ids, backbone),
    )


def _vectors(photo_ids: Ids, backbone: str) -> tuple[Ids, Numbers]:
    source = "classifier_embedding e where e.backbone = %s and e.photo_id = any(%s)"
    params = [backbone, photo_ids.tolist()]
    with connection.cursor() as cursor:
        cursor.execute(f"select vector_dims(e.vector) from {source} limit 1", params)  # noqa: S608 - a constant
        found = cursor.fetchone()
    if found is None:
        return np.empty(0, np.int64), np.empty((0, 1), np.float16)
    rows = packed_rows(
        kind=[("photo_id", ">i8"), ("header", f"V{_HEADER}"), ("vector", ">f2", (found[0],))],
        packed="int8send(e.photo_id) || halfvec_send(e.vector)",
        source=source,
        params=params,
    )
    rows = rows[np.argsort(rows["photo_id"])]
    return rows["photo_id"].astype(np.int64), rows["vector"].astype(np.float16)


def embedding_matrix_of(*, photo_ids: Sequence[int], backbone: str) -> npt.NDArray[np.float32] | None:
    """Vectors (n, d) of a few photos, in the order asked for; None unless every one of them has a vector."""
    found = dict(Embedding.objects.filter(backbone=backbone, photo_id__in=photo_ids).values_list("photo_id", "vector"))
    if len(found) < len(set(photo_ids)) or not found:
        return None
    return np.asarray([found[photo_id] for photo_id in photo_ids], dtype=np.float32)
