"""How far a photo contradicts other evidence about its stage."""

from __future__ import annotations

import numpy as np

from classifier.core.contracts import Array


def stage_lead(probas: Array, evidence: Array) -> Array:
    """How surely photos look later than the evidence says.

    Parameters
    ----------
    probas, evidence : ndarray of shape (n, K)
        Two independent distributions over ordered stages for each photo.

    Returns
    -------
    ndarray of shape (n,)
        P(photo later) - P(photo earlier), within -1..1; 0 when both say the same, whatever their width.
    """
    probas, evidence = np.asarray(probas, dtype=np.float64), np.asarray(evidence, dtype=np.float64)
    up_to = np.cumsum(evidence, axis=1)
    before = up_to - evidence
    return np.clip((probas * (before - (up_to[:, -1:] - up_to))).sum(axis=1), -1.0, 1.0)


def stage_conflict(probas: Array, evidence: Array, *, is_ordered: bool = True) -> Array:
    """How surely two distributions are about different stages.

    Parameters
    ----------
    probas, evidence : ndarray of shape (n, K)
    is_ordered : bool

    Returns
    -------
    ndarray of shape (n,)
        Within 0..1: the size of `stage_lead` over an order, the total variation distance without one.
    """
    if is_ordered:
        return np.abs(stage_lead(probas, evidence))
    overlap = np.minimum(np.asarray(probas, np.float64), np.asarray(evidence, np.float64)).sum(axis=1)
    return np.clip(1.0 - overlap, 0.0, 1.0)
