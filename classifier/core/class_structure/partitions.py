"""Coarser scales: what each keeps of the information about the stage, and what error it leaves.

Merging classes raises accuracy by arithmetic. So a coarser scale is judged by the predictions of the finer model,
mapped, and by the bits they still tell.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from classifier.core.contracts import Array
from classifier.core.mapped_figures import Partition, information, mapped_confusion

MOST_STAGES = 16


@dataclasses.dataclass(frozen=True, slots=True)
class ScoredPartition:
    """One way to merge stages.

    Parameters
    ----------
    parts : tuple of tuples of int
        Positions that become one class.
    bits : float
        Mutual information of mapped prediction and mapped truth.
    accuracy : float
        Of the mapped predictions.
    possible_bits : float
        Entropy of the mapped truth: what faultless predictions would tell.
    is_efficient : bool
        No other partition has both more bits and less error.
    """

    parts: Partition
    bits: float
    accuracy: float
    possible_bits: float
    is_efficient: bool

    @property
    def error(self) -> float:
        """1 less the accuracy."""
        return 1.0 - self.accuracy


def contiguous_partitions(n_stages: int) -> list[Partition]:
    """All 2^(K-1) ways to merge neighbours of an ordered scale, finest first.

    Raises
    ------
    ValueError
        For more than `MOST_STAGES` stages.
    """
    if not 1 <= n_stages <= MOST_STAGES:
        raise ValueError(f"partitions are listed for 1 to {MOST_STAGES} stages, not {n_stages}")
    partitions = []
    for cuts in range(2 ** (n_stages - 1)):
        parts, part = [], [0]
        for stage in range(1, n_stages):
            if cuts >> (stage - 1) & 1:
                parts.append(tuple(part))
                part = []
            part.append(stage)
        partitions.append((*parts, tuple(part)))
    return sorted(partitions, key=lambda parts: (-len(parts), parts))


def agglomerative_partitions(confusion: Array) -> list[Partition]:
    """Merge the two most confused classes, again and again, for scales without an order.

    Parameters
    ----------
    confusion : ndarray of shape (K, K)
        Of out-of-fold predictions, truth in rows.

    Returns
    -------
    list of K partitions
        Finest first, by average linkage over 1 - normalised confusion.
    """
    k = len(confusion)
    if k == 1:
        return [((0,),)]
    rates = np.asarray(confusion, dtype=np.float64) / np.maximum(np.sum(confusion, axis=1, keepdims=True), 1)
    distance = 1.0 - (rates + rates.T) / 2.0
    np.fill_diagonal(distance, 0.0)
    partitions = []
    for n_clusters in range(k, 0, -1):
        fit = AgglomerativeClustering(n_clusters, metric="precomputed", linkage="average").fit(distance)
        members = [tuple(int(c) for c in np.flatnonzero(fit.labels_ == label)) for label in range(n_clusters)]
        partitions.append(tuple(sorted(members)))
    return partitions


def score_partitions(confusion: Array, partitions: Sequence[Partition]) -> list[ScoredPartition]:
    """Score coarser scales by the mapped predictions of the finest model.

    Parameters
    ----------
    confusion : ndarray of shape (K, K)
        Of out-of-fold predictions, truth in rows.
    partitions : sequence
        Each a partition of 0..K-1.

    Returns
    -------
    list of ScoredPartition
        In the order given.
    """
    confusion = np.asarray(confusion, dtype=np.float64)
    figures = [_figures(mapped_confusion(confusion, parts)) for parts in partitions]
    bits, accuracy = np.array([f[0] for f in figures]), np.array([f[1] for f in figures])
    scored = []
    for place, parts in enumerate(partitions):
        better = (bits >= bits[place] - 1e-12) & (accuracy >= accuracy[place] - 1e-12)
        better &= (bits > bits[place] + 1e-12) | (accuracy > accuracy[place] + 1e-12)
        scored.append(ScoredPartition(parts, bits[place], accuracy[place], figures[place][2], not better.any()))
    return scored


def _figures(confusion: Array) -> tuple[float, float, float]:
    total = confusion.sum()
    if total <= 0:
        return 0.0, 0.0, 0.0
    return information(confusion), float(np.trace(confusion) / total), information(np.diag(confusion.sum(axis=1)))
