"""The ensemble and the light head, taken together.

The ensemble is strong and old, the head weak and fresh: it has learned from the decisions of the last minutes. How
much each is worth is measured on photos neither was fitted on.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from classifier.core.contracts import Array
from classifier.core.metrics import negative_log_likelihood
from classifier.core.pooling import log_linear_pool


def blend(ensemble_probas: Array, head_probas: Array, head_share: float) -> Array:
    """Pool two (n, K) distributions log-linearly; `head_share` 0 gives the ensemble, 1 the head."""
    if not 0.0 <= head_share <= 1.0:
        raise ValueError(f"head_share must be within 0..1, not {head_share}")
    return log_linear_pool([ensemble_probas, head_probas], [1.0 - head_share, head_share])


def fit_head_share(ensemble_probas: Array, head_probas: Array, targets: Array, *, prior_rows: float = 20.0) -> float:
    """Choose the head's share by log loss.

    Parameters
    ----------
    ensemble_probas, head_probas : ndarray of shape (n, K)
        Both for photos outside the respective training sets (out-of-fold for the head).
    targets : ndarray of shape (n, K)
        Label distributions.
    prior_rows : float
        Strength, in photos, of the pull toward one half.

    Returns
    -------
    float
        Within 0..1; one half without photos.
    """
    n = len(targets)
    if n == 0:
        return 0.5

    def loss(share: float) -> float:
        pooled = log_linear_pool([ensemble_probas, head_probas], [1.0 - share, share])
        return negative_log_likelihood(pooled, targets) + prior_rows * (share - 0.5) ** 2 / n

    found = minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-3})
    return float(np.clip(found.x, 0.0, 1.0))
