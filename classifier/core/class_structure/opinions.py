"""What single experts said, and how far they agree on two classes."""

from __future__ import annotations

import dataclasses
from math import comb

import numpy as np

from classifier.core.class_structure.measures import UNKNOWN, Interval, mean_interval
from classifier.core.contracts import Array


@dataclasses.dataclass(frozen=True, slots=True)
class Opinions:
    """Single opinions; all of shape (m,).

    Parameters
    ----------
    photos : ndarray of int
        Row of the photo.
    annotators : ndarray
        Who said it.
    stages : ndarray of int
        Position said.
    """

    photos: Array
    annotators: Array
    stages: Array

    def __post_init__(self) -> None:
        if not np.shape(self.photos) == np.shape(self.annotators) == np.shape(self.stages):
            raise ValueError("photos, annotators and stages must have one row per opinion")


def pair_agreement(opinions: Opinions, groups: Array, first: int, second: int, *, random_state: int = 0) -> Interval:
    """How often two experts agree on a photo that both call `first` or `second`.

    Parameters
    ----------
    opinions : Opinions
    groups : ndarray of shape (n,)
        Of the photos; drawn again whole.
    first, second : int
        Positions.
    random_state : int

    Returns
    -------
    Interval
        Over photos with two such opinions of different experts; unknown when there is none.
    """
    inside = (opinions.stages == first) | (opinions.stages == second)
    photos, annotators = np.asarray(opinions.photos)[inside], np.asarray(opinions.annotators)[inside]
    stages = np.asarray(opinions.stages)[inside]
    # The last word of an expert on a photo counts, so that nobody agrees with themselves.
    _, last = np.unique(np.column_stack([photos[::-1], _codes(annotators[::-1])]), axis=0, return_index=True)
    photos, stages = photos[::-1][last], stages[::-1][last]
    n = len(groups)
    seconds = np.bincount(photos[stages == second], minlength=n).astype(np.float64)
    total = np.bincount(photos, minlength=n).astype(np.float64)
    pairs = total * (total - 1) / 2
    alike = seconds * (seconds - 1) / 2 + (total - seconds) * (total - seconds - 1) / 2
    rows = np.flatnonzero(pairs > 0)
    if not len(rows):
        return UNKNOWN
    return mean_interval(alike[rows] / pairs[rows], np.asarray(groups)[rows], random_state=random_state)


def opinions_inside(opinions: Opinions, rows: Array, first: int, second: int) -> Array:
    """Number of opinions for `first` or `second` on each of `rows`, shape (len(rows),)."""
    inside = (opinions.stages == first) | (opinions.stages == second)
    return np.bincount(np.asarray(opinions.photos)[inside], minlength=int(rows.max(initial=-1)) + 1)[rows]


def slip_rate(agreement: float) -> float:
    """Chance that one expert names the other class, from how often two agree: a = (1-e)² + e²; at most one half."""
    return 0.5 - 0.5 * float(np.sqrt(max(2.0 * agreement - 1.0, 0.0)))


def majority_error(rate: float, n_opinions: int) -> float:
    """Chance that most of `n_opinions` slip, each with chance `rate`; a tie is right half of the time."""
    chance = 0.0
    for wrong in range(n_opinions + 1):
        weight = 1.0 if 2 * wrong > n_opinions else 0.5 if 2 * wrong == n_opinions else 0.0
        chance += weight * comb(n_opinions, wrong) * rate**wrong * (1.0 - rate) ** (n_opinions - wrong)
    return chance


def _codes(names: Array) -> Array:
    return np.unique(np.asarray(names).astype(str), return_inverse=True)[1]
