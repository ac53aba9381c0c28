"""What an export of an ensemble is held to, without any framework."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from classifier.core.contracts import Array

#: Names of the formats, as they are asked for.
FORMAT_NAMES = ("keras", "saved_model", "onnx", "tflite")
#: Largest difference of a probability between an export and the ensemble that is served. Features are kept in half
#: precision while they are served and in single precision inside a graph; everything else is the same arithmetic.
TOLERANCE = 5e-3


class NotExportable(Exception):
    """The ensemble, or this process, cannot give the format; the message says why, for people."""


class ParityFailed(NotExportable):
    """What was written does not answer as the ensemble does."""


@dataclasses.dataclass(frozen=True, slots=True)
class Parity:
    """How an export compares with the ensemble that is served, on the same pixels.

    Parameters
    ----------
    n_photos : int
    largest_difference, mean_difference : float
        Of a probability.
    same_stage : float
        Share of photos whose most probable stage is the same.
    tolerance : float
    """

    n_photos: int
    largest_difference: float
    mean_difference: float
    same_stage: float
    tolerance: float

    def to_dict(self) -> dict[str, Any]:
        """Give a JSON-ready mapping."""
        return dataclasses.asdict(self)


def parity_of(exported: Array, served: Array, *, tolerance: float = TOLERANCE) -> Parity:
    """Compare two sets of probabilities (n, K) of the same photos.

    Raises
    ------
    ParityFailed
        They are of different shapes, not finite, or further apart than `tolerance`.
    """
    if exported.shape != served.shape or len(served) == 0:
        raise ParityFailed(f"it answers with an array of {exported.shape}, the ensemble with {served.shape}")
    apart = np.abs(np.asarray(exported, np.float64) - served)
    largest = float(apart.max())
    if not np.isfinite(apart).all() or largest > tolerance:
        raise ParityFailed(
            f"on {len(served)} photos its probabilities differ from the ensemble's by up to {largest:.4f}; "
            f"{tolerance} is allowed"
        )
    same = float((exported.argmax(axis=1) == served.argmax(axis=1)).mean())
    return Parity(len(served), largest, float(apart.mean()), same, tolerance)


def probe_photos(n: int, side: int, random_state: int = 0) -> Array:
    """Draw pictures to compare on where a project has none: smooth colours under noise, uint8 (n, side, side, 3).

    Plain noise would do for arithmetic, but it looks the same to every resizing; smooth patches do not.
    """
    rng = np.random.default_rng(random_state)
    coarse = rng.uniform(0, 255, (n, 5, 5, 3))
    places = np.linspace(0, 4, side)
    low = np.minimum(places.astype(int), 3)
    share = (places - low)[:, None, None]
    rows = coarse[:, low] * (1 - share) + coarse[:, low + 1] * share
    share = (places - low)[None, :, None]
    smooth = rows[:, :, low] * (1 - share) + rows[:, :, low + 1] * share
    return np.clip(smooth + rng.normal(0, 12, (n, side, side, 3)), 0, 255).astype(np.uint8)


def label_file(stages: list[Mapping[str, Any]], *, side: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a program needs beside the graph to feed it and to name its answers; JSON-ready.

    Parameters
    ----------
    stages : list of mapping
        In the order of the outputs.
    side : int
        Of the input, pixels.
    facts : mapping
        Whose model it is.
    """
    return {
        **facts,
        "input": {
            "name": "photos",
            "shape": [None, side, side, 3],
            "dtype": "uint8",
            "range": [0, 255],
            "channels": "RGB",
            "preprocessing": (
                "Turn the photo upright by its EXIF orientation, cut out the middle square, and resize it to "
                f"{side} x {side} pixels by bilinear averaging. No normalisation: the graph does its own."
            ),
        },
        "output": {
            "name": "probabilities",
            "shape": [None, len(stages)],
            "dtype": "float32",
            "meaning": "Calibrated probabilities in the order of `stages`; each row sums to one.",
        },
        "stages": [dict(stage) for stage in stages],
    }
