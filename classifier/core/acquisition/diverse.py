"""Photos that are worth asking about and unlike each other."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByBatch, Pool
from classifier.core.acquisition.expected_error import utilities as doubt_utilities
from classifier.core.acquisition.ration import Ration, encoded
from classifier.core.acquisition.reasons import doubts
from classifier.core.acquisition.vectors import normalise_rows
from classifier.core.contracts import Array

_CANDIDATES_PER_PICK = 40
_FEWEST_CANDIDATES = 2000


def diverse_batch(
    utilities: Array,
    embeddings: Array,
    groups: Array,
    batch_size: int,
    random_state: int = 0,
    *,
    bursts: Array | None = None,
) -> Array:
    """Pick photos that are worth asking about and unlike each other.

    Greedy: the next pick maximises utility times its distance to the nearest pick so far. A group gives one photo
    until every group among the candidates has given one.

    Parameters
    ----------
    utilities : ndarray of shape (n,)
        Non-negative.
    embeddings : ndarray of shape (n, d)
    groups : ndarray of shape (n,)
    batch_size : int
    random_state : int
        Breaks ties between equal utilities.
    bursts : ndarray of shape (n,), optional
        One photo of each; None: every row its own.

    Returns
    -------
    ndarray of shape (min(batch_size, n),), int
        Row indices, best first.

    References
    ----------
    .. [1] Ash et al., "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds", ICLR 2020.
    """
    n = len(utilities)
    batch_size = min(batch_size, n)
    if batch_size <= 0:
        return np.zeros(0, dtype=np.int64)
    shuffled = np.random.default_rng(random_state).permutation(n)
    best = shuffled[np.argsort(-np.asarray(utilities)[shuffled], kind="stable")]
    candidates = best[: max(_FEWEST_CANDIDATES, _CANDIDATES_PER_PICK * batch_size)]
    vectors = normalise_rows(embeddings[candidates])
    worth = np.asarray(utilities, dtype=np.float64)[candidates] + 1e-9
    m = len(candidates)
    shots = None if bursts is None else np.asarray(bursts)[candidates]
    ration = Ration(encoded(np.asarray(groups)[candidates], m), encoded(shots, m))

    distance = np.full(m, 2.0)
    picks: list[int] = []
    while len(picks) < batch_size:
        is_open = ration.open_rows()
        if not is_open.any():
            break
        pick = int(np.argmax(np.where(is_open, worth * distance, -1.0)))
        picks.append(int(candidates[pick]))
        ration.take(pick)
        # Squared chord of unit vectors, floored: twins of a pick stay possible but come last.
        distance = np.minimum(distance, np.maximum(2.0 - 2.0 * (vectors @ vectors[pick]), 1e-6))
    return np.array(picks, dtype=np.int64)


def _pick(pool: Pool, batch_size: int, random_state: int) -> tuple[Array, Array]:
    rows = np.flatnonzero(pool.candidates)
    worth = doubt_utilities(pool.needed("probas")[rows], is_ordered=pool.is_ordered)
    chosen = diverse_batch(
        worth,
        pool.embeddings[rows],
        pool.group_codes()[rows],
        batch_size,
        random_state,
        bursts=pool.burst_codes()[rows],
    )
    return rows[chosen], worth[chosen]


#: Expected stage error (margin without an order) times distance to the picks so far, for large batches.
DIVERSE_DOUBT = ByBatch("diverse_doubt", ("probas",), _pick, doubts)
