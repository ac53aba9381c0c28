"""Log-linear pools: weighted geometric means of distributions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifier.core.contracts import Array

FLOOR = 1e-6


def log_probas(probas: Array) -> Array:
    """Logarithms of `probas` (..., K), floored so that one confident error costs a finite price."""
    return np.log(np.clip(np.asarray(probas, dtype=np.float64), FLOOR, None))


def softmax(logits: Array) -> Array:
    """Distributions of the same shape (..., K) as `logits`."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def log_linear_pool(probas: Sequence[Array], weights: Sequence[float]) -> Array:
    """Pool distributions: p ∝ Π p_m ** w_m.

    Parameters
    ----------
    probas : sequence of M ndarrays of shape (n, K)
    weights : sequence of M floats
        Non-negative; they need not sum to one.

    Returns
    -------
    ndarray of shape (n, K)

    References
    ----------
    .. [1] Genest and Zidek, "Combining Probability Distributions", Statistical Science 1(1), 1986.
    """
    if len(probas) != len(weights):
        raise ValueError(f"{len(probas)} members but {len(weights)} weights")
    return softmax(sum((w * log_probas(p) for w, p in zip(weights, probas, strict=True)), np.zeros(probas[0].shape)))
