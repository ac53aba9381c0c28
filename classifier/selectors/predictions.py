"""Probabilities that a model version gave, read in bulk."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from classifier.models import Prediction


def prediction_matrix(
    *, model_version_id: uuid.UUID, photo_ids: Iterable[int], n_stages: int
) -> npt.NDArray[np.float64]:
    """Probabilities of photos by one version, in the order asked for.

    Returns:
        (n, n_stages); rows of photos the version has not scored are NaN.
    """
    wanted = list(photo_ids)
    matrix = np.full((len(wanted), n_stages), np.nan)
    places = {photo_id: row for row, photo_id in enumerate(wanted)}
    found = Prediction.objects.filter(model_version_id=model_version_id).values_list("photo_id", "probabilities")
    for photo_id, probabilities in found.iterator(chunk_size=10_000):
        row = places.get(photo_id)
        if row is not None and len(probabilities) == n_stages:
            matrix[row] = probabilities
    return matrix
