"""Soft targets over ordered stages, and decisions from distributions over them."""

from __future__ import annotations

import numpy as np

from classifier.core.contracts import Array


def smoothing_kernel(n_stages: int, tau: float, *, is_ordered: bool = True) -> Array:
    """Give the matrix that spreads a label over its neighbours.

    Parameters
    ----------
    n_stages : int
        K.
    tau : float
        Width in stages: row i is proportional to exp(-|i-j|/tau). 0 gives the identity.
    is_ordered : bool
        Without an order there are no neighbours, and the identity is returned.

    Returns
    -------
    ndarray of shape (K, K), float32
        Rows sum to one.

    References
    ----------
    .. [1] Diaz and Marathe, "Soft Labels for Ordinal Regression", CVPR 2019.
    """
    if tau <= 0 or not is_ordered:
        return np.eye(n_stages, dtype=np.float32)
    stages = np.arange(n_stages)
    kernel = np.exp(-np.abs(stages[:, None] - stages[None, :]) / tau)
    return (kernel / kernel.sum(axis=1, keepdims=True)).astype(np.float32)


def soft_targets(targets: Array, tau: float, *, is_ordered: bool = True) -> Array:
    """Smooth label distributions of shape (n, K) over neighbouring stages; rows keep summing to one."""
    return np.asarray(targets, dtype=np.float32) @ smoothing_kernel(targets.shape[1], tau, is_ordered=is_ordered)


def median_stage(probas: Array) -> Array:
    """Give the stage where the cumulative probability first reaches one half.

    The median minimises the expected error counted in stages, so errors in stages are measured with it.

    Parameters
    ----------
    probas : ndarray of shape (n, K)

    Returns
    -------
    ndarray of shape (n,), int
    """
    cumulative = np.cumsum(np.asarray(probas, dtype=np.float64), axis=1)
    reached = cumulative >= 0.5 * cumulative[:, -1:] - 1e-12
    return np.argmax(reached, axis=1)


def likely_ranges(probas: Array, mass: float) -> tuple[Array, Array]:
    """Give the narrowest run of stages that holds `mass` of each distribution.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Rows sum to one.
    mass : float
        Above 0, at most 1.

    Returns
    -------
    lower, upper : ndarray of shape (n,), int
        First and last stage; of runs of the same length the one that holds most, then the earliest.
    """
    probas = np.asarray(probas, dtype=np.float64)
    n, k = probas.shape
    up_to = np.concatenate([np.zeros((n, 1)), np.cumsum(probas, axis=1)], axis=1)
    lower, upper = np.zeros(n, np.int64), np.full(n, k - 1)
    is_open = np.ones(n, bool)
    for length in range(1, k + 1):
        held = up_to[:, length:] - up_to[:, :-length]
        best = held.argmax(axis=1)
        found = is_open & (held[np.arange(n), best] >= mass - 1e-9)
        lower[found], upper[found] = best[found], best[found] + length - 1
        is_open &= ~found
    return lower, upper
