"""Points of a map as whole numbers, two bytes each: what a browser gets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SIDE = 65_000
"""The largest coordinate; what lies above it is free for marks."""


def quantised(points: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Points (n, 2) in a square of 0..``SIDE``, in proportion, centred.

    The square holds all but stray points: a hair beyond the 0.05 and 99.95 per cent on either axis is cut to its edge,
    so that one odd photo does not shrink the rest to a spot.
    """
    if len(points) == 0:
        return np.empty((0, 2), np.uint16)
    low, high = np.quantile(points, [0.0005, 0.9995], axis=0)
    middle = (low + high) / 2
    half = max(float((high - low).max()) / 2 * 1.04, np.finfo(np.float32).tiny)
    scaled = (points - middle) / half * (SIDE / 2) + SIDE / 2
    return np.clip(np.rint(scaled), 0, SIDE).astype(np.uint16)
