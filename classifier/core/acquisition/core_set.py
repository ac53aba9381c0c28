"""Photos furthest from everything labelled."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByBatch, Pool
from classifier.core.acquisition.ration import Ration
from classifier.core.acquisition.reasons import novelties
from classifier.core.acquisition.vectors import nearest_squared
from classifier.core.contracts import Array


def core_set(
    embeddings: Array,
    labelled: Array,
    batch_size: int,
    *,
    groups: Array | None = None,
    bursts: Array | None = None,
) -> tuple[Array, Array]:
    """Pick the row furthest from all labelled and picked ones, again and again (greedy k-centre).

    Parameters
    ----------
    embeddings : ndarray of shape (n, d)
        Of the candidates.
    labelled : ndarray of shape (m, d)
        When m is 0 the row closest to the mean is picked first.
    batch_size : int
    groups, bursts : ndarray of shape (n,), int, optional
        As in ``ration``; None: every row its own.

    Returns
    -------
    rows : ndarray of shape (min(batch_size, n),), int
    distances : ndarray of the same shape
        To the nearest labelled or picked row, falling; infinite for the first without labels.

    References
    ----------
    .. [1] Sener and Savarese, "Active Learning for Convolutional Neural Networks: A Core-Set Approach", ICLR 2018.
    """
    n = len(embeddings)
    own = np.arange(n)
    ration = Ration(own if groups is None else groups, own if bursts is None else bursts)
    # Distances between centred vectors lose less to rounding in float32.
    vectors = np.asarray(embeddings, dtype=np.float32)
    centre = vectors.mean(axis=0) if n else 0.0
    vectors = vectors - centre
    known = np.asarray(labelled, dtype=np.float32).reshape(-1, vectors.shape[1]) - centre
    lengths = np.einsum("nd,nd->n", vectors, vectors)
    nearest = nearest_squared(vectors, known)
    rows: list[int] = []
    distances: list[float] = []
    while len(rows) < min(batch_size, n):
        is_open = ration.open_rows()
        if not is_open.any():
            break
        first = not rows and not len(known)
        row = int(np.argmin(lengths)) if first else int(np.argmax(np.where(is_open, nearest, -1.0)))
        rows.append(row)
        distances.append(float(np.sqrt(nearest[row])))
        ration.take(row)
        np.minimum(nearest, np.maximum(lengths + lengths[row] - 2.0 * (vectors @ vectors[row]), 0.0), out=nearest)
    return np.array(rows, dtype=np.int64), np.array(distances)


def _pick(pool: Pool, batch_size: int, random_state: int) -> tuple[Array, Array]:
    rows = np.flatnonzero(pool.candidates)
    chosen, distances = core_set(
        pool.embeddings[rows],
        pool.embeddings[pool.labelled],
        batch_size,
        groups=pool.group_codes()[rows],
        bursts=pool.burst_codes()[rows],
    )
    finite = distances[np.isfinite(distances)]
    return rows[chosen], np.where(np.isfinite(distances), distances, finite.max(initial=0.0))


CORE_SET = ByBatch("core_set", (), _pick, novelties)
