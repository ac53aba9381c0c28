"""Weights of the members of an ensemble."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from classifier.core.contracts import Array
from classifier.core.pooling import log_probas


def fit_stacking_weights(probas: Sequence[Array], targets: Array, *, prior_rows: float = 20.0) -> Array:
    """Choose the log-linear pool with the least log loss on out-of-fold probabilities.

    The loss is convex in the weights. The pull toward equal weights matters with few photos, where the apparent
    winner is mostly the luckiest member.

    Parameters
    ----------
    probas : sequence of M ndarrays of shape (n, K)
        Out-of-fold probabilities of each member, rows alike.
    targets : ndarray of shape (n, K)
        Label distributions.
    prior_rows : float
        Strength of the pull, in photos.

    Returns
    -------
    ndarray of shape (M,)
        Non-negative, sum to one.

    References
    ----------
    .. [1] Wolpert, "Stacked Generalization", Neural Networks 5(2), 1992.
    .. [2] Breiman, "Stacked Regressions", Machine Learning 24, 1996 (why the weights are non-negative).
    """
    n_members = len(probas)
    uniform = np.full(n_members, 1.0 / n_members)
    if n_members == 1 or len(targets) == 0:
        return uniform
    logs = np.stack([log_probas(p) for p in probas])
    targets = np.asarray(targets, dtype=np.float64)
    n = len(targets)

    def loss_and_gradient(weights: Array) -> tuple[float, Array]:
        pooled = np.tensordot(weights, logs, axes=1)
        peak = pooled.max(axis=1, keepdims=True)
        normaliser = np.log(np.exp(pooled - peak).sum(axis=1, keepdims=True)) + peak
        residual = np.exp(pooled - normaliser) - targets
        loss = float(-(targets * (pooled - normaliser)).sum())
        gradient = np.einsum("mnk,nk->m", logs, residual)
        pull = weights - uniform
        return (loss + prior_rows * float(pull @ pull)) / n, (gradient + 2 * prior_rows * pull) / n

    found = minimize(
        loss_and_gradient,
        uniform,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * n_members,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0, "jac": lambda w: np.ones_like(w)},
    )
    weights = np.clip(found.x, 0.0, None)
    return weights / weights.sum() if weights.sum() > 0 else uniform
