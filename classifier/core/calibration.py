"""One temperature that makes confidence mean what it says."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from classifier.core.contracts import Array
from classifier.core.pooling import log_probas, softmax

LOWEST, HIGHEST = 0.1, 10.0


def apply_temperature(probas: Array, temperature: float) -> Array:
    """Sharpen (below 1) or flatten (above 1) distributions of shape (n, K)."""
    return softmax(log_probas(probas) / temperature)


def fit_temperature(probas: Array, targets: Array, *, prior_rows: float = 5.0) -> float:
    """Choose the temperature with the least log loss on photos the model has not seen.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Out-of-fold.
    targets : ndarray of shape (n, K)
        Label distributions, not smoothed.
    prior_rows : float
        Strength, in photos, of the pull toward 1, so that a dozen lucky hits do not make the model certain.

    Returns
    -------
    float
        Within [0.1, 10]; 1 without photos.

    References
    ----------
    .. [1] Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    if len(probas) == 0:
        return 1.0
    logs = log_probas(probas)
    targets = np.asarray(targets, dtype=np.float64)

    def loss(log_temperature: float) -> float:
        scaled = logs / np.exp(log_temperature)
        peak = scaled.max(axis=1, keepdims=True)
        normaliser = peak[:, 0] + np.log(np.exp(scaled - peak).sum(axis=1))
        data = normaliser.sum() - float((targets * scaled).sum())
        return (data + prior_rows * log_temperature**2) / len(logs)

    best = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(best.x))
