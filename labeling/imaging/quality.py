"""How good a photo is as a photo: sharp, lit, full of something. NumPy and Pillow only; a function of the pixels.

Everything is measured on a copy whose short side has ``SIDE`` pixels, so that twelve megapixels and one are judged
alike, and on the parts of the picture that show most: a sharp flower before a soft orchard is a sharp photo, and a
bright flower on a black ground a bright one. Where the limits come from is in ``docs/adr/0010-photo-quality.md``.

References:
    S. Zhuo and T. Sim, "Defocus map estimation from a single image", Pattern Recognition 44 (2011): the width of an
    edge from how much its gradient loses when it is blurred once more by a known amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

SIDE = 256
_TILE = 16
_AGAIN = 1.0  # the known amount, standard deviation in pixels of the copy
_STRONGEST = 8  # one tile in so many is looked at for sharpness: those with the most contrast
_SHARPEST = 0.15  # quantile of these, from the sharp end: what the camera focused on need not be large
_BRIGHT = 0.98  # quantile of the grey levels that stands for the lit part
_WHITE = 250
_LUMA = np.array((0.299, 0.587, 0.114), dtype=np.float32)
_ROUNDING = 0.05  # energy that rounding to 256 levels adds to a slope: all there is left in a picture without an edge
_MOST_KEPT = 0.998
_FLAT = 1.0  # grey levels per pixel below which a tile shows nothing but noise
_FLAT_SHARE = 0.015  # the same, as a share of the picture's own contrast

RejectionCode = Literal["too_blurred", "too_dark", "too_bright", "no_detail"]
AdviceCode = Literal["blurred", "dark", "bright", "far", "small"]


@dataclass(frozen=True)
class Quality:
    """What was measured.

    Attributes:
        blur: width of the sharpest strong edges, a standard deviation in pixels of the copy: 0.5 to 1.2 in sharp
            photos. Grows with any blur.
        light: grey level of the lit part, 0 to 1. Falls with the exposure.
        burnt: share of the picture that is white, 0 to 1. Grows with the exposure.
        detail: share of the picture that shows anything at all, 0 to 1.
        short_side: pixels of the photo as sent.
    """

    blur: float
    light: float
    burnt: float
    detail: float
    short_side: int


@dataclass(frozen=True)
class Verdict:
    """``rejection`` says why a photo cannot be used, ``advice`` what would make the next one better, worst first."""

    rejection: RejectionCode | None
    advice: tuple[AdviceCode, ...]


@dataclass(frozen=True)
class Limits:
    """Where a measure stops being good and where it stops being usable."""

    advise: float
    reject: float


BLUR = Limits(advise=2.0, reject=3.6)
LIGHT = Limits(advise=0.30, reject=0.15)
BURNT = Limits(advise=0.35, reject=0.90)
DETAIL = Limits(advise=0.10, reject=0.01)
SMALL_SIDE = 224
"""Networks see 256 pixels; a photo of fewer has less to show than they could read."""


def measure_quality(image: Image.Image, *, short_side: int | None = None) -> Quality:
    """Measure an upright RGB photo; ``short_side`` where the photo as sent was larger than ``image``."""
    grey = np.asarray(_copy(image), dtype=np.float32) @ _LUMA
    sharp, soft = _tile_energies(grey), _tile_energies(_blurred(grey))
    low, bright, high = (float(level) for level in np.quantile(grey, (0.01, _BRIGHT, 0.99)))
    flat = max(_FLAT, _FLAT_SHARE * (high - low))
    return Quality(
        blur=max(_edge_width(*pair) for pair in zip(sharp, soft, strict=True)),
        light=bright / 255,
        burnt=float((grey >= _WHITE).mean()),
        detail=float((np.sqrt(soft[0] + soft[1]) > flat).mean()),
        short_side=min(image.size) if short_side is None else short_side,
    )


def judge(quality: Quality) -> Verdict:
    """Whether a photo can be used, and what to say about it.

    The first reason counts: in the dark nothing is sharp, and where nothing is sharp there is no detail.
    """
    rejection: RejectionCode | None = None
    if quality.light < LIGHT.reject:
        rejection = "too_dark"
    elif quality.burnt > BURNT.reject:
        rejection = "too_bright"
    elif quality.detail < DETAIL.reject:
        rejection = "no_detail"
    elif quality.blur > BLUR.reject:
        rejection = "too_blurred"
    told: tuple[tuple[AdviceCode, bool], ...] = (
        ("blurred", quality.blur > BLUR.advise),
        ("dark", quality.light < LIGHT.advise),
        ("bright", quality.burnt > BURNT.advise),
        ("far", quality.detail < DETAIL.advise),
        ("small", quality.short_side < SMALL_SIDE),
    )
    return Verdict(rejection, tuple(code for code, applies in told if applies))


def _copy(image: Image.Image) -> Image.Image:
    """``image`` with a short side of ``SIDE``; never enlarged, since that would blur it."""
    scale = SIDE / min(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _edge_width(sharp: np.ndarray, soft: np.ndarray) -> float:
    """Standard deviation of the edges in the tiles with the most contrast, at their sharp end.

    An edge of width s loses the factor (s^2 + a^2) / s^2 of its energy when it is blurred by a again. Energies are
    added up before they are divided, so that one tile of noise among them counts for little.
    """
    n = max(4, len(soft) // _STRONGEST)
    strongest = np.argsort(soft)[-n:]
    left = soft[strongest] / np.maximum(sharp[strongest] - _ROUNDING, 1e-9)
    kept = float(np.quantile(np.clip(left, 0.0, _MOST_KEPT), _SHARPEST))
    return float(_AGAIN * np.sqrt(kept / (1.0 - kept)))


def _blurred(grey: np.ndarray) -> np.ndarray:
    """``grey`` blurred by ``_AGAIN``, same shape."""
    reach = 3
    places = np.arange(-reach, reach + 1)
    weights = np.exp(-(places**2) / (2 * _AGAIN**2)).astype(np.float32)
    weights /= weights.sum()
    padded = np.pad(grey, reach, mode="edge")
    rows = sum(weight * padded[place : place + grey.shape[0]] for place, weight in enumerate(weights))
    return np.asarray(sum(weight * rows[:, place : place + grey.shape[1]] for place, weight in enumerate(weights)))


def _tile_energies(grey: np.ndarray) -> np.ndarray:
    """Mean squared slope in each tile along four directions: across, down and both diagonals; ``(4, n_tiles)``."""
    across = grey[1:-1, 2:] - grey[1:-1, :-2]
    down = grey[2:, 1:-1] - grey[:-2, 1:-1]
    falling = grey[2:, 2:] - grey[:-2, :-2]
    rising = grey[2:, :-2] - grey[:-2, 2:]
    slopes = (across / 2, down / 2, falling / 8**0.5, rising / 8**0.5)
    return np.stack([_per_tile(slope**2) for slope in slopes])


def _per_tile(energy: np.ndarray) -> np.ndarray:
    """Means over tiles, flat; what is left over at the right and at the bottom is not looked at."""
    tile = min(_TILE, *energy.shape)
    rows, columns = energy.shape[0] // tile, energy.shape[1] // tile
    cut = energy[: rows * tile, : columns * tile]
    return cut.reshape(rows, tile, columns, tile).mean(axis=(1, 3)).ravel()
