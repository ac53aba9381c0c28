"""Colour and gradient histograms: a feature space that needs no network and no weights.

It is what photos are ordered and suggested by when no pretrained backbone can be had. Colour is the strongest cue of
flowering, so it takes most of the vector.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from classifier.core.contracts import Array, FeatureSpace

SIDE = 64
GRID = 2
HUE_BINS, SATURATION_BINS, VALUE_BINS, ORIENTATION_BINS = 12, 4, 4, 8
_CELL = HUE_BINS + SATURATION_BINS + VALUE_BINS + ORIENTATION_BINS
DIMENSION = _CELL * (GRID * GRID + 1)
#: Bump the number whenever a line below changes a vector: old vectors are another space.
SPACE = FeatureSpace(name="descriptor-hsv-gradient@1", dimension=DIMENSION)


def describe(images: Array) -> Array:
    """Describe photos by histograms over the whole frame and over a 2 x 2 grid.

    Hue counts are weighted by saturation times value, for the hue of grey or black is noise. Orientations are
    weighted by gradient strength. Square roots of the shares make Euclidean distance the Hellinger distance.

    Parameters
    ----------
    images : ndarray of shape (n, h, w, 3), uint8
        Any size; resized to 64 x 64.

    Returns
    -------
    ndarray of shape (n, 140), float32

    References
    ----------
    .. [1] Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005.
    .. [2] Arandjelovic and Zisserman, "Three things everyone should know...", CVPR 2012 (square roots).
    """
    if len(images) == 0:
        return np.zeros((0, DIMENSION), dtype=np.float32)
    return np.stack([_describe_one(image) for image in images])


def _describe_one(image: Array) -> Array:
    picture = Image.fromarray(np.asarray(image))
    if picture.size != (SIDE, SIDE):
        picture = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
    hue, saturation, value = np.moveaxis(np.asarray(picture.convert("HSV"), dtype=np.int32), -1, 0)
    grey = np.asarray(picture.convert("L"), dtype=np.float32)
    down, right = np.gradient(grey)
    angle = np.arctan2(down, right) % np.pi
    strength = np.hypot(down, right)
    channels = (
        (hue * HUE_BINS // 256, HUE_BINS, (saturation * value) / 65025.0),
        (saturation * SATURATION_BINS // 256, SATURATION_BINS, None),
        (value * VALUE_BINS // 256, VALUE_BINS, None),
        (
            np.minimum((angle * ORIENTATION_BINS / np.pi).astype(np.int32), ORIENTATION_BINS - 1),
            ORIENTATION_BINS,
            strength,
        ),
    )
    parts = [_grid_histogram(bins, n_bins, weights) for bins, n_bins, weights in channels]
    cells = np.concatenate(parts, axis=1)
    return np.sqrt(np.concatenate([cells.ravel(), cells.mean(axis=0)])).astype(np.float32)


_CELL_OF_PIXEL = (np.arange(SIDE) * GRID // SIDE)[:, None] * GRID + (np.arange(SIDE) * GRID // SIDE)[None, :]


def _grid_histogram(bins: Array, n_bins: int, weights: Array | None) -> Array:
    flat = (_CELL_OF_PIXEL * n_bins + bins).ravel()
    counts = np.bincount(
        flat, weights=None if weights is None else weights.ravel(), minlength=GRID * GRID * n_bins
    ).reshape(GRID * GRID, n_bins)
    # One pixel's worth of mass keeps an empty cell (no colour, no edges) from becoming noise.
    return counts / (counts.sum(axis=1, keepdims=True) + 1.0)
