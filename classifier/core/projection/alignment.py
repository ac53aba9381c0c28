"""Turning a new map so that it lies over the last one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]
FEWEST = 3
"""Points that fix a turn, a reflection, a scale and a shift of the plane."""


def aligned_to(points: Points, *, rows: npt.NDArray[np.int64], target: Points) -> Points:
    """``points`` (n, 2) turned, mirrored, scaled and shifted as one, so that ``points[rows]`` come nearest ``target``.

    Distances between points keep their proportions: the map is the same, seen from where the last one was.

    Args:
        points: of the new map.
        rows: (m,) of those that the last map shows too.
        target: (m, 2) where it shows them.

    Returns:
        ``points`` unchanged where fewer than ``FEWEST`` are shared, or where those lie on one spot.

    References:
        Schönemann, P. 1966. A generalized solution of the orthogonal Procrustes problem.
    """
    if len(rows) != len(target):
        raise ValueError(f"{len(rows)} shared points and {len(target)} places")
    if len(rows) < FEWEST:
        return points
    shared, wanted = points[rows].astype(np.float64), target.astype(np.float64)
    centre, middle = shared.mean(axis=0), wanted.mean(axis=0)
    spread = float(((shared - centre) ** 2).sum())
    if spread <= np.finfo(np.float32).tiny:
        return points
    left, sizes, right = np.linalg.svd((shared - centre).T @ (wanted - middle))
    scale = float(sizes.sum()) / spread
    moved = (points - centre) @ (left @ right) * scale + middle
    return moved.astype(np.float32)
