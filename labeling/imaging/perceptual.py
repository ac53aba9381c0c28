"""A 64-bit hash that near-identical pictures share, for finding bursts and copies.

References:
    C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010 (the DCT hash).
"""

from __future__ import annotations

import numpy as np
from PIL import Image

_SIDE = 32
_KEPT = 8


def _cosines() -> np.ndarray:
    """First ``_KEPT`` rows of the DCT-II matrix, shape (8, 32)."""
    frequency, place = np.mgrid[0:_KEPT, 0:_SIDE]
    return np.cos(np.pi * frequency * (2 * place + 1) / (2 * _SIDE))


_DCT = _cosines()


def perceptual_hash(image: Image.Image) -> int:
    """Hash the low frequencies of the grey picture: bit (u, v) says whether that coefficient exceeds their median.

    Returns a signed 64-bit integer (two's complement), as PostgreSQL's ``bigint`` holds it. The mean grey (0, 0) is
    left out of the median, so that exposure moves no other bit; its own bit is set for all but black pictures.
    """
    grey = image.resize((_SIDE, _SIDE), Image.Resampling.BOX, reducing_gap=1.1).convert("L")
    coefficients = (_DCT @ np.asarray(grey, dtype=np.float64) @ _DCT.T).ravel()
    bits = coefficients > np.median(coefficients[1:])
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def hamming_distance(a: int, b: int) -> int:
    """In how many of 64 bits two hashes differ."""
    return ((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()
