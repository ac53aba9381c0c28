"""The A/B question on a pair of neighbouring stages: which of them stands at which side."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """Positions of the two stages, as they stand on the screen."""

    left: int
    right: int


def pair_sides(*, photo_id: int, annotator_id: int, boundary: int) -> Pair:
    """The sides of stages ``boundary`` and ``boundary + 1``, even between photos and between people.

    A hash, not a draw: the same person sees the same photo the same way again, and what was shown can be told later. A
    person's leaning to one side then falls on both stages alike.
    """
    digest = hashlib.blake2b(f"{photo_id}:{annotator_id}".encode(), digest_size=1).digest()
    if digest[0] & 1:
        return Pair(boundary + 1, boundary)
    return Pair(boundary, boundary + 1)
