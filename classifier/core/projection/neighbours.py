"""The nearest of some vectors, exactly, in blocks that fit the processor's cache and the machine's memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
BLOCK_CELLS = 20_000_000
"""Distances held at once: 80 MB."""


def nearest(
    queries: Vectors, among: Vectors, count: int, *, on_share: Callable[[float], None] = lambda _: None
) -> tuple[npt.NDArray[np.int64], Vectors]:
    """For each query the ``count`` nearest of ``among`` by Euclidean distance, the nearest first.

    Args:
        queries: (n, d).
        among: (m, d) with m >= ``count``.
        count: how many.
        on_share: told how far it is, 0 to 1.

    Returns:
        Rows of ``among`` (n, count) and distances (n, count).

    Raises:
        ValueError: fewer than ``count`` vectors to choose from.
    """
    if len(among) < count:
        raise ValueError(f"{count} nearest of {len(among)} vectors")
    rows = np.empty((len(queries), count), np.int64)
    distances = np.empty((len(queries), count), np.float32)
    norms = np.einsum("ij,ij->i", among, among)
    step = max(1, BLOCK_CELLS // len(among))
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        # |q - a|^2 less |q|^2, which ranks alike; clipped below where rounding takes it under zero.
        squares = block @ (-2.0 * among.T)
        squares += norms
        near = np.argpartition(squares, count - 1, axis=1)[:, :count]
        found = np.take_along_axis(squares, near, axis=1)
        order = np.lexsort((near, found), axis=1)
        rows[start : start + step] = np.take_along_axis(near, order, axis=1)
        found = np.take_along_axis(found, order, axis=1) + np.einsum("ij,ij->i", block, block)[:, None]
        distances[start : start + step] = np.sqrt(np.maximum(found, 0.0))
        on_share(min(1.0, (start + step) / len(queries)))
    return rows, distances
