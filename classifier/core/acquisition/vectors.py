"""Lengths and distances of embeddings, within bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from threadpoolctl import threadpool_limits

from classifier.core.contracts import Array

#: Numbers in one block of distances: 64 MiB of float32.
_BLOCK = 2**24
_MINI_BATCHES_ABOVE = 5000


def normalise_rows(embeddings: Array) -> Array:
    """Scale vectors (n, d) to unit length, float32; zero vectors stay zero."""
    vectors = np.asarray(embeddings, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)


def squared_distances(vectors: Array, others: Array) -> Array:
    """Squared Euclidean distances, shape (n, m)."""
    lengths = np.einsum("nd,nd->n", vectors, vectors)
    other_lengths = np.einsum("md,md->m", others, others)
    squared = vectors @ others.T
    squared *= -2.0
    squared += lengths[:, None]
    squared += other_lengths
    return np.maximum(squared, 0.0, out=squared)


def distance_blocks(vectors: Array, others: Array) -> Iterator[tuple[slice, Array]]:
    """Blocks of rows of `squared_distances` that fit into memory, with the rows they stand for."""
    step = max(_BLOCK // max(len(others), 1), 1)
    for start in range(0, len(vectors), step):
        rows = slice(start, min(start + step, len(vectors)))
        yield rows, squared_distances(vectors[rows], others)


def nearest_squared(vectors: Array, others: Array) -> Array:
    """Squared distance of each vector to the nearest of `others`, shape (n,); infinite when there is none."""
    nearest = np.full(len(vectors), np.inf, dtype=np.float64)
    if len(others):
        for rows, squared in distance_blocks(vectors, others):
            nearest[rows] = squared.min(axis=1)
    return nearest


def clustered(vectors: Array, n_clusters: int, random_state: int) -> KMeans | MiniBatchKMeans:
    """Fit k-means once; by mini-batches where there are many vectors.

    On one thread: beside other busy processes the threads of k-means wait for each other, and a fit on two cores takes
    ten times as long as on one.
    """
    kind = MiniBatchKMeans if len(vectors) > _MINI_BATCHES_ABOVE else KMeans
    with threadpool_limits(limits=1):
        return kind(n_clusters, n_init=1, random_state=random_state).fit(vectors)
