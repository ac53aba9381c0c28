"""Answering only where the model is sure: what that costs in coverage and buys in accuracy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifier.core.contracts import Array
from classifier.core.metrics import bootstrap_mean

COVERAGES = (0.8, 0.9, 0.95)


def selective_accuracy(confidence: Array, correct: Array, coverages: Sequence[float] = COVERAGES) -> list[float]:
    """Accuracy on the surest photos.

    Parameters
    ----------
    confidence : ndarray of shape (n,)
        Higher is surer.
    correct : ndarray of shape (n,), bool
    coverages : sequence of float
        Shares of photos to answer, within (0, 1].

    Returns
    -------
    list of float
        One for each coverage; photos tied with the last one answered count by their mean. 0 without photos.
    """
    curve = _accuracy_by_rank(confidence, correct)
    if len(curve) == 0:
        return [0.0] * len(coverages)
    return [float(curve[max(1, round(coverage * len(curve))) - 1]) for coverage in coverages]


def area_under_risk_coverage(confidence: Array, correct: Array) -> float:
    """Mean error rate over all coverages, 0 at best.

    References
    ----------
    .. [1] Geifman and El-Yaniv, "Selective Classification for Deep Neural Networks", NeurIPS 2017.
    """
    curve = _accuracy_by_rank(confidence, correct)
    return float((1.0 - curve).mean()) if len(curve) else 0.0


def answer_threshold(confidence: Array, coverage: float) -> float:
    """Choose the confidence from which on a share of the photos is answered.

    Parameters
    ----------
    confidence : ndarray of shape (n,)
        On photos that the model has not seen.
    coverage : float
        Share of photos to answer, within (0, 1].

    Returns
    -------
    float
        Answer at this confidence or more: at least `coverage` of these photos, more only by ties. 0 without photos.
    """
    if not 0.0 < coverage <= 1.0:
        raise ValueError(f"coverage must lie within (0, 1], not at {coverage}")
    if len(confidence) == 0:
        return 0.0
    n_answered = int(np.ceil(coverage * len(confidence) - 1e-9))
    return float(np.sort(np.asarray(confidence, dtype=np.float64))[len(confidence) - n_answered])


def fit_abstention(
    confidence: Array,
    correct: Array,
    groups: Array,
    *,
    accuracy: float,
    level: float = 0.95,
    n_resamples: int = 500,
    random_state: int = 0,
) -> float | None:
    """Choose the lowest confidence at which answers are right often enough, so that most photos are answered.

    Thresholds are tried from the strictest on and the search ends at the first that fails: so however many are tried,
    the promise fails no more often than one test does. One more group, of the mean size and all wrong, is reckoned
    with: without it a few photos that happen to be all right would promise never to err.

    Parameters
    ----------
    confidence : ndarray of shape (n,)
        On photos that the model has not seen.
    correct : ndarray of shape (n,), bool
    groups : ndarray of shape (n,)
        Resampled whole.
    accuracy : float
        That answers must reach.
    level : float
        How sure one must be of that: its lower bound is a one-sided one.
    n_resamples, random_state : int

    Returns
    -------
    float or None
        Answer at this confidence or more; None when no threshold keeps the promise.

    References
    ----------
    .. [1] Angelopoulos et al., "Learn then Test: Calibrating Predictive Algorithms to Achieve Risk Control", 2021
       (fixed sequence testing).
    """
    groups = np.asarray(groups).astype(str)
    kept: float | None = None
    for threshold in np.unique(np.quantile(confidence, np.linspace(0, 0.9, 19)))[::-1] if len(confidence) else ():
        answered = confidence >= threshold
        # The interval is two-sided, so its lower end at 2 level - 1 is a one-sided bound at `level`.
        worst = np.zeros(max(1, round(answered.sum() / len(np.unique(groups[answered])))))
        low, _ = bootstrap_mean(
            np.concatenate([correct[answered], worst]),
            np.concatenate([groups[answered], np.full(len(worst), "\0")]),
            n_resamples=n_resamples,
            level=2 * level - 1,
            random_state=random_state,
        )
        if low < accuracy:
            break
        kept = float(threshold)
    return kept


def _accuracy_by_rank(confidence: Array, correct: Array) -> Array:
    """Accuracy on the 1, 2, ... n surest photos; tied photos all count as their mean, so their order means nothing."""
    correct = np.asarray(correct, dtype=np.float64)
    if len(correct) == 0:
        return np.zeros(0)
    values, index = np.unique(-np.asarray(confidence, dtype=np.float64), return_inverse=True)
    hits, counts = np.bincount(index, weights=correct), np.bincount(index)
    shared = np.repeat(hits / counts, counts)
    return np.cumsum(shared) / np.arange(1, len(values[index]) + 1)
