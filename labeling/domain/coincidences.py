"""How far any number of raters agree, some answers missing: everything from who-coincides-with-whom counts.

A coincidence matrix O (K, K) counts, over all photos that several answered, how often stage i of one meets stage j of
another, each answer weighing the same: a pair of a photo with m answers adds 1 / (m - 1) in both orders. "Between k and
k + 1" is half of each.

References:
    Krippendorff, K. 2011. Computing Krippendorff's alpha-reliability. University of Pennsylvania.
    Cohen, J. 1968. Weighted kappa. Psychological Bulletin 70(4), 213-220.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from labeling.domain.intervals import N_BLOCKS, Array

Metric = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True)
class Pairs:
    """All pairs of answers on the same photo: rows of the two answers, the pair's weight in each order, the photo."""

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    weight: Array
    photo: npt.NDArray[np.intp]

    def __getitem__(self, rows: npt.NDArray[np.bool_]) -> Pairs:
        return Pairs(self.first[rows], self.second[rows], self.weight[rows], self.photo[rows])

    @property
    def n_photos(self) -> int:
        return len(np.unique(self.photo))


def pairs_of(photo: npt.NDArray[np.intp]) -> Pairs:
    """The pairs among answers on ``photo`` (M,)."""
    order = np.argsort(photo, kind="stable")
    ordered = photo[order]
    _, size = np.unique(ordered, return_counts=True)
    n_on_photo = np.repeat(size, size)
    firsts, seconds = [], []
    for distance in range(1, int(size.max(initial=0))):
        rows = np.flatnonzero(ordered[distance:] == ordered[:-distance])
        firsts.append(rows)
        seconds.append(rows + distance)
    if not firsts:
        nothing = np.zeros(0, np.intp)
        return Pairs(nothing, nothing, np.zeros(0), nothing)
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    return Pairs(order[first], order[second], 1.0 / (n_on_photo[first] - 1), ordered[first])


def coincidences(
    pairs: Pairs, lower: npt.NDArray[np.intp], upper: npt.NDArray[np.intp], block: npt.NDArray[np.intp], n_stages: int
) -> Array:
    """Coincidence matrices by block, (N_BLOCKS, K, K), each symmetric.

    Args:
        pairs: of answers.
        lower: (M,) the stage of each answer, or the earlier of two.
        upper: (M,) the later of two, else the same.
        block: (M,) where the groups are.
        n_stages: K.
    """
    cells = n_stages**2
    found = np.zeros(N_BLOCKS * cells)
    base = block[pairs.first] * cells
    for one in (lower, upper):
        for other in (lower, upper):
            cell = base + one[pairs.first] * n_stages + other[pairs.second]
            found += np.bincount(cell, pairs.weight / 4, len(found))
    matrices = found.reshape(N_BLOCKS, n_stages, n_stages)
    return matrices + matrices.transpose(0, 2, 1)


def krippendorff_alpha(matrix: Array, metric: Metric = "ordinal") -> Array:
    """Agreement beyond chance, 1 is perfect and 0 is chance; (..., K, K) to (...). NaN where all is one stage.

    ``ordinal`` measures a distance by how many answers lie between two stages, so it needs no equal steps.
    """
    total = matrix.sum(axis=(-2, -1))
    margin = matrix.sum(axis=-1)
    distance = _squared_distance(margin, metric)
    observed = (matrix * distance).sum(axis=(-2, -1))
    expected = (margin[..., :, None] * margin[..., None, :] * distance).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - (total - 1) * observed / expected, np.nan)


def weighted_kappa(matrix: Array) -> Array:
    """Quadratic-weighted kappa over all pairs of raters, (..., K, K) to (...). NaN where all is one stage."""
    margin = matrix.sum(axis=-1)
    total = matrix.sum(axis=(-2, -1))
    distance = _squared_distance(margin, "interval")
    observed = (matrix * distance).sum(axis=(-2, -1))
    expected = (margin[..., :, None] * margin[..., None, :] * distance).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - total * observed / expected, np.nan)


def _squared_distance(margin: Array, metric: Metric) -> Array:
    n_stages = margin.shape[-1]
    stages = np.arange(n_stages)
    if metric == "nominal":
        return (stages[:, None] != stages).astype(np.float64)
    if metric == "interval":
        return (stages[:, None] - stages).astype(np.float64) ** 2
    middle = np.cumsum(margin, axis=-1) - margin / 2
    return (middle[..., :, None] - middle[..., None, :]) ** 2
