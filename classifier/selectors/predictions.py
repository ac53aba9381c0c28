"""Probabilities that a model version gave, read in bulk."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from classifier.row_store import Ids, Numbers
from classifier.selectors.stored_rows import PhotoRows, photo_rows
from labeling.selectors.packed import packed_rows


def prediction_rows(*, model_version_id: uuid.UUID, photo_ids: Ids, n_stages: int) -> PhotoRows:
    """Probabilities (float32, ``n_stages`` columns) of a project's photos by one version that is promoted or was.

    Args:
        model_version_id: whose predictions.
        photo_ids: (n,) whose probabilities are wanted. Others that were wanted before are among the answer.
        n_stages: photos with another number of probabilities have none.
    """
    return photo_rows(
        name=("prediction", str(model_version_id), str(n_stages)),
        dtype=np.float32,
        photo_ids=photo_ids,
        fetch=lambda ids: _probabilities(ids, model_version_id, n_stages),
    )


def prediction_matrix(
    *, model_version_id: uuid.UUID, photo_ids: Sequence[int], n_stages: int
) -> npt.NDArray[np.float64]:
    """Probabilities of a few photos by one version, in the order asked for; straight from the database.

    Returns:
        (n, n_stages); rows of photos the version has not scored are NaN.
    """
    ids, values = _probabilities(np.unique(np.asarray(photo_ids, np.int64)), model_version_id, n_stages)
    return aligned(PhotoRows(ids, values), np.asarray(photo_ids, np.int64), n_stages)


def aligned(found: PhotoRows, photo_ids: Ids, n_stages: int) -> npt.NDArray[np.float64]:
    """Probabilities (n, n_stages) in the order asked for, NaN where there are none."""
    matrix = np.full((len(photo_ids), n_stages), np.nan)
    rows = found.rows_of(photo_ids)
    matrix[rows >= 0] = found.values[rows[rows >= 0]]
    return matrix


def _probabilities(photo_ids: Ids, model_version_id: uuid.UUID, n_stages: int) -> tuple[Ids, Numbers]:
    number = [("length", ">i4"), ("value", ">f8")]
    # An array is sent as its number of dimensions, whether it holds nulls, its element type, its length and lower
    # bound, and each element behind its length.
    rows = packed_rows(
        kind=[("photo_id", ">i8"), ("header", "V20"), ("numbers", number, (n_stages,))],
        packed="int8send(p.photo_id) || array_send(p.probabilities)",
        source="""
            classifier_prediction p where p.model_version_id = %s and p.photo_id = any(%s)
            and cardinality(p.probabilities) = %s
        """,
        params=[model_version_id, photo_ids.tolist(), n_stages],
    )
    rows = rows[np.argsort(rows["photo_id"])]
    return rows["photo_id"].astype(np.int64), rows["numbers"]["value"].astype(np.float64)
