"""Photos whose labels would leave the light head the least to guess about all the others."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from classifier.core.acquisition.contract import ByBatch, Pool
from classifier.core.acquisition.margin import margin
from classifier.core.acquisition.ration import Ration
from classifier.core.acquisition.reasons import doubts
from classifier.core.contracts import Array
from classifier.core.heads import DEFAULT_STRENGTH

#: Open photos looked at: the best of a sample this large are nearly the best of the pool, and a pick reads them once.
_MOST_CANDIDATES = 20_000
#: Power of the margin that a photo's logits count by. At 1, or with what is open about a stage in its place, the recipe
#: needed up to 1.2 times the labels of random sampling where stages are nearly separable (dandelions).
_SHARPNESS = 8


def variance_reduction(
    probas: Array,
    embeddings: Array,
    labelled: Array,
    batch_size: int,
    *,
    groups: Array | None = None,
    bursts: Array | None = None,
) -> tuple[Array, Array]:
    """Pick greedily what shrinks most the expected variance of the head's logits over the pool.

    A label of photo z adds w_z z zᵀ to the information of the head, w = 1 - Σ p² being what is open about its stage.
    With the inverse P of the information so far, and M the mean of t z zᵀ over the pool, the expected variance is
    tr(P M), and a label takes ``w zᵀPMPz / (1 + w zᵀPz)`` off it. The weight t is the margin to a high power: logits
    matter where the two likeliest stages nearly share the top, for elsewhere no change of them changes the answer.
    Margin asks about just these photos, and so about many that no label makes sure; here a photo is asked for what it
    says of them all.

    One matrix stands for the K x K blocks of the multinomial head (in [1] dK x dK), and a pick updates the two forms
    of every open photo by one product of (n, d) and (d, 2): n d² once, n d a pick.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
    embeddings : ndarray of shape (n, d)
    labelled : ndarray of shape (n,), bool
        Rows that are decided; the others may be picked.
    batch_size : int
    groups, bursts : ndarray of shape (n,), int, optional
        As in ``ration``; None: every row its own.

    Returns
    -------
    rows : ndarray of shape (<= batch_size,), int
        Best first; equal gains in the order of rows.
    taken_off : ndarray of the same shape
        Share of the expected variance that each takes off.

    References
    ----------
    .. [1] Ash et al., "Gone Fishing: Neural Active Learning with Fisher Embeddings", NeurIPS 2021 (BAIT).
    .. [2] Schein and Ungar, "Active Learning for Logistic Regression: an Evaluation", Machine Learning 68, 2007.
    """
    known, free = np.flatnonzero(labelled), np.flatnonzero(~np.asarray(labelled, dtype=bool))
    ration = Ration(*(free if codes is None else np.asarray(codes)[free] for codes in (groups, bursts)))
    openness = (1.0 - np.square(np.asarray(probas, dtype=np.float32)).sum(axis=1)).clip(min=0.0)
    rows: list[int] = []
    taken_off: list[float] = []
    # As in the head: matrices this thin lose to a threaded BLAS that fights other processes.
    with threadpool_limits(limits=1, user_api="blas"):
        vectors = _standardised(embeddings)
        n, d = vectors.shape
        moments = _moments(vectors, margin(probas).astype(np.float32) ** _SHARPNESS) / max(n, 1)
        inverse = np.linalg.inv(DEFAULT_STRENGTH * d * np.eye(d) + _moments(vectors[known], openness[known]))
        at_first = max(float((inverse * moments).sum()), 1e-30)
        vectors, openness = vectors[free], openness[free]
        spread, worth = _form(vectors, inverse), _form(vectors, inverse @ moments @ inverse)
        while len(rows) < batch_size:
            is_open = ration.open_rows()
            if not is_open.any():
                break
            gains = openness * worth / (1.0 + openness * spread)
            row = int(np.argmax(np.where(is_open, gains, -np.inf)))
            rows.append(int(free[row]))
            taken_off.append(max(float(gains[row]), 0.0) / at_first)
            ration.take(row)
            # P loses c u uᵀ by Sherman and Morrison, so the two forms of a photo z lose what u·z and v·z say.
            u = inverse @ vectors[row]
            v = inverse @ (moments @ u)
            c = float(openness[row] / (1.0 + openness[row] * float(vectors[row] @ u)))
            along_u, along_v = (vectors @ np.stack([u, v], axis=1).astype(np.float32)).T
            spread -= c * along_u**2
            worth += c * along_u * (c * float(u @ moments @ u) * along_u - 2.0 * along_v)
            inverse -= c * np.outer(u, u)
    return np.array(rows, dtype=np.int64), np.array(taken_off)


def _standardised(embeddings: Array) -> Array:
    """Vectors as the head sees them, float32."""
    vectors = np.array(embeddings, dtype=np.float32)
    deviation = vectors.std(axis=0)
    vectors -= vectors.mean(axis=0)
    vectors /= np.where(deviation > 1e-6, deviation, np.float32(1.0))
    return vectors


def _moments(vectors: Array, weights: Array) -> Array:
    """Sum of w z zᵀ, float64 of shape (d, d)."""
    return np.asarray((vectors * weights[:, None]).T @ vectors, dtype=np.float64)


def _form(vectors: Array, matrix: Array) -> Array:
    """The quadratic form zᵀ A z of every photo, shape (n,)."""
    return np.einsum("nd,nd->n", vectors @ matrix.astype(np.float32), vectors)


def _pick(pool: Pool, batch_size: int, random_state: int) -> tuple[Array, Array]:
    free = np.flatnonzero(pool.candidates)
    # Mixed, so that equal gains are ordered by chance.
    free = np.random.default_rng(random_state).permutation(free)[: max(_MOST_CANDIDATES, batch_size)]
    rows = np.concatenate([free, np.flatnonzero(pool.labelled)])
    chosen, taken_off = variance_reduction(
        pool.needed("probas")[rows],
        pool.embeddings[rows],
        np.arange(len(rows)) >= len(free),
        batch_size,
        groups=pool.group_codes()[rows],
        bursts=pool.burst_codes()[rows],
    )
    return rows[chosen], taken_off


#: For every head on vectors: the light one that follows each decision, and those of an ensemble.
VARIANCE = ByBatch("variance", ("probas",), _pick, doubts)
