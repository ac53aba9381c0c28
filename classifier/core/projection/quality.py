"""How far a map can be trusted: whether neighbours on it are neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.manifold import trustworthiness

from classifier.core.projection.neighbours import nearest

SAMPLE = 2000
NEIGHBOURS = 10


@dataclass(frozen=True)
class MapQuality:
    """How well neighbours are kept, 0 to 1.

    ``trustworthiness``: 1 when photos that are near on the map are near in truth; ``recall``: share of a photo's ten
    nearest that are among its ten nearest on the map.
    """

    trustworthiness: float
    recall: float


def map_quality(X: npt.NDArray[np.floating], points: npt.NDArray[np.float32], *, seed: int) -> MapQuality:
    """Measured on at most ``SAMPLE`` rows, by the angle between vectors.

    References:
        Venna, J. and Kaski, S. 2001. Neighborhood preservation in nonlinear projection methods.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(len(X))[:SAMPLE])
    count = min(NEIGHBOURS, (len(rows) - 1) // 2)
    if count < 1:
        return MapQuality(1.0, 1.0)
    picked = np.asarray(X[rows], np.float32)
    picked /= np.maximum(np.linalg.norm(picked, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    in_space, _ = nearest(picked, picked, count + 1)
    on_map, _ = nearest(points[rows], points[rows], count + 1)
    shared = [len(np.intersect1d(one, other)) - 1 for one, other in zip(in_space, on_map, strict=True)]
    trust = float(trustworthiness(picked, points[rows], n_neighbors=count))
    return MapQuality(trust, float(np.mean(shared)) / count)
