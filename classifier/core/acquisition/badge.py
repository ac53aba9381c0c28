"""Photos whose labels would move the head far, and in different directions."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByBatch, Pool
from classifier.core.acquisition.ration import Ration
from classifier.core.acquisition.reasons import doubts
from classifier.core.contracts import Array


def gradient_factors(probas: Array) -> Array:
    """Give p - onehot(argmax p), shape (n, K).

    A photo's gradient in the head is the outer product of this and its embedding.
    """
    factors = np.array(probas, dtype=np.float64)
    factors[np.arange(len(factors)), factors.argmax(axis=1)] -= 1.0
    return factors


def badge(
    probas: Array,
    embeddings: Array,
    batch_size: int,
    *,
    groups: Array | None = None,
    bursts: Array | None = None,
    random_state: int = 0,
) -> tuple[Array, Array]:
    """Pick by k-means++ over the gradients that the likeliest label would give the head.

    The gradients are outer products a_i h_i of K and d numbers, and
    ``|g_i - g_j|² = |a_i|²|h_i|² + |a_j|²|h_j|² - 2 (a_i·a_j)(h_i·h_j)``, so a pick costs n(K + d) and the n x Kd
    matrix is never made.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
    embeddings : ndarray of shape (n, d)
    batch_size : int
    groups, bursts : ndarray of shape (n,), int, optional
        As in ``ration``; None: every row its own.
    random_state : int

    Returns
    -------
    rows : ndarray of shape (min(batch_size, n),), int
        The largest gradient first, then drawn with probability proportional to the squared distance.
    squared : ndarray of the same shape
        That squared distance (at first the squared length).

    References
    ----------
    .. [1] Ash et al., "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds", ICLR 2020.
    """
    rng = np.random.default_rng(random_state)
    n = len(probas)
    own = np.arange(n)
    ration = Ration(own if groups is None else groups, own if bursts is None else bursts)
    factors = gradient_factors(probas).astype(np.float32)
    vectors = np.asarray(embeddings, dtype=np.float32)
    lengths = np.einsum("nk,nk->n", factors, factors) * np.einsum("nd,nd->n", vectors, vectors)
    nearest = lengths.astype(np.float64)
    rows: list[int] = []
    squared: list[float] = []
    while len(rows) < min(batch_size, n):
        is_open = ration.open_rows()
        if not is_open.any():
            break
        worth = np.where(is_open, nearest, 0.0)
        row = int(np.argmax(np.where(is_open, worth, -1.0))) if not rows else _drawn(worth, is_open, rng)
        rows.append(row)
        squared.append(float(nearest[row]))
        ration.take(row)
        products = (factors @ factors[row]) * (vectors @ vectors[row])
        distance = np.maximum(lengths + lengths[row] - 2.0 * products, 0.0)
        nearest = distance.astype(np.float64) if len(rows) == 1 else np.minimum(nearest, distance)
    return np.array(rows, dtype=np.int64), np.array(squared)


def _drawn(worth: Array, is_open: Array, rng: np.random.Generator) -> int:
    """A row with probability proportional to `worth`; any open row when none has worth."""
    total = np.cumsum(worth)
    if total[-1] <= 0.0:
        return int(rng.choice(np.flatnonzero(is_open)))
    row = int(np.searchsorted(total, rng.random() * total[-1], side="right"))
    # Rounding may step past the last row that has worth.
    return row if row < len(worth) and worth[row] > 0 else int(np.flatnonzero(worth)[-1])


def _pick(pool: Pool, batch_size: int, random_state: int) -> tuple[Array, Array]:
    rows = np.flatnonzero(pool.candidates)
    chosen, squared = badge(
        pool.needed("probas")[rows],
        pool.embeddings[rows],
        batch_size,
        groups=pool.group_codes()[rows],
        bursts=pool.burst_codes()[rows],
        random_state=random_state,
    )
    return rows[chosen], squared


BADGE = ByBatch("badge", ("probas",), _pick, doubts)
