"""Figures of merit for ordered stages, with an honest interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from classifier.core.contracts import Array, MemberScore, Metrics, StageScores
from classifier.core.ordinal import median_stage

_TINY = 1e-12


def confusion_matrix(truth: Array, predicted: Array, n_stages: int) -> Array:
    """Count (truth, prediction) pairs: ndarray of shape (K, K), truth in rows."""
    flat = np.asarray(truth, dtype=np.int64) * n_stages + np.asarray(predicted, dtype=np.int64)
    return np.bincount(flat, minlength=n_stages * n_stages).reshape(n_stages, n_stages)


def per_stage_scores(confusion: Array) -> list[StageScores]:
    """Precision, recall, F1 and support of each stage; a ratio without cases is 0."""
    hits = np.diag(confusion).astype(np.float64)
    support, called = confusion.sum(axis=1), confusion.sum(axis=0)
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    recall = np.divide(hits, support, out=np.zeros_like(hits), where=support > 0)
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both, out=np.zeros_like(hits), where=both > 0)
    return [
        {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for p, r, f, n in zip(precision, recall, f1, support, strict=True)
    ]


def macro_f1(confusion: Array) -> float:
    """Mean F1 over the stages that occur in the truth or in the predictions."""
    seen = (confusion.sum(axis=1) + confusion.sum(axis=0)) > 0
    scores = np.array([stage["f1"] for stage in per_stage_scores(confusion)])
    return float(scores[seen].mean()) if seen.any() else 0.0


def weighted_kappa(confusion: Array, *, is_ordered: bool = True) -> float:
    """Cohen's kappa with quadratic weights (plain weights when there is no order).

    Returns 1 when truth and prediction are one and the same stage throughout, 0 when chance explains all.

    References
    ----------
    .. [1] Cohen, "Weighted kappa", Psychological Bulletin 70(4), 1968.
    """
    total = confusion.sum()
    if total == 0:
        return 0.0
    stages = np.arange(len(confusion), dtype=np.float64)
    distance = np.subtract.outer(stages, stages)
    weights = distance**2 if is_ordered else (distance != 0).astype(np.float64)
    observed = float((weights * confusion).sum())
    expected = float((weights * np.outer(confusion.sum(axis=1), confusion.sum(axis=0))).sum()) / total
    if expected <= 0:
        return 1.0 if observed == 0 else 0.0
    return float(1.0 - observed / expected)


def expected_calibration_error(probas: Array, truth: Array, *, n_bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over bins of equal mass.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
    truth : ndarray of shape (n,), int
    n_bins : int
        At most; there are never more bins than photos.

    References
    ----------
    .. [1] Nixon et al., "Measuring Calibration in Deep Learning", CVPR Workshops 2019 (equal-mass bins).
    """
    if len(truth) == 0:
        return 0.0
    confidence = probas.max(axis=1)
    correct = (probas.argmax(axis=1) == truth).astype(np.float64)
    order = np.argsort(confidence, kind="stable")
    bins = np.array_split(order, min(n_bins, len(order)))
    gaps = [abs(confidence[rows].mean() - correct[rows].mean()) * len(rows) for rows in bins]
    return float(sum(gaps) / len(order))


def negative_log_likelihood(probas: Array, targets: Array) -> float:
    """Cross-entropy in nats of `probas` (n, K) against label distributions `targets` (n, K)."""
    logs = np.log(np.clip(np.asarray(probas, dtype=np.float64), _TINY, None))
    return float(-(targets * logs).sum(axis=1).mean()) if len(logs) else 0.0


def group_sums(values: Array, groups: Array) -> tuple[Array, Array]:
    """Sum `values` (n,) within each group; returns (sums, sizes), each of shape (n_groups,)."""
    _, index = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    return np.bincount(index, weights=np.asarray(values, dtype=np.float64)), np.bincount(index).astype(np.float64)


def bootstrap_mean(
    values: Array, groups: Array, *, n_resamples: int = 1000, level: float = 0.95, random_state: int = 0
) -> tuple[float, float]:
    """Give the percentile interval of a mean when whole groups are drawn again.

    Photos of one plant are alike, so resampling photos would promise too much.

    Parameters
    ----------
    values : ndarray of shape (n,)
    groups : ndarray of shape (n,)
    n_resamples : int
    level : float
        Coverage, 0..1.
    random_state : int

    Returns
    -------
    low, high : float
        (0, 0) without values. The interval always holds the observed mean.
    """
    if len(values) == 0:
        return 0.0, 0.0
    sums, sizes = group_sums(values, groups)
    rng = np.random.default_rng(random_state)
    weights = rng.multinomial(len(sums), np.full(len(sums), 1.0 / len(sums)), size=n_resamples)
    means = (weights @ sums) / (weights @ sizes)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    observed = float(np.mean(values))
    return min(float(low), observed), max(float(high), observed)


def evaluate(
    probas: Array,
    targets: Array,
    groups: Array,
    *,
    is_ordered: bool = True,
    temperature: float = 1.0,
    member_probas: Mapping[str, Array] | None = None,
    n_resamples: int = 1000,
    random_state: int = 0,
) -> Metrics:
    """Score calibrated probabilities against what experts decided.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
    targets : ndarray of shape (n, K)
        Label distributions; the truth of a photo is its most voted stage.
    groups : ndarray of shape (n,)
    is_ordered : bool
        Without an order ``mae`` is 0 and ``qwk`` the unweighted kappa.
    temperature : float
        Reported as is.
    member_probas : mapping of str to ndarray of shape (n, K)
        Of the members alone.
    n_resamples, random_state : int
        Of the grouped bootstrap of the accuracy.

    Returns
    -------
    Metrics
        Plain Python numbers, ready for JSON.
    """
    truth = np.asarray(targets).argmax(axis=1)
    predicted = probas.argmax(axis=1)
    correct = predicted == truth
    confusion = confusion_matrix(truth, predicted, probas.shape[1])
    low, high = bootstrap_mean(correct, groups, n_resamples=n_resamples, random_state=random_state)
    distance = np.abs(median_stage(probas) - truth) if len(truth) and is_ordered else np.zeros(1)
    members: list[MemberScore] = [
        {"name": name, "accuracy": float((p.argmax(axis=1) == truth).mean()) if len(truth) else 0.0}
        for name, p in (member_probas or {}).items()
    ]
    return {
        "accuracy": float(correct.mean()) if len(truth) else 0.0,
        "accuracy_low": low,
        "accuracy_high": high,
        "macro_f1": macro_f1(confusion),
        "mae": float(distance.mean()),
        "qwk": weighted_kappa(confusion, is_ordered=is_ordered),
        "ece": expected_calibration_error(probas, truth),
        "nll": negative_log_likelihood(probas, targets),
        "confusion": confusion.tolist(),
        "per_stage": per_stage_scores(confusion),
        "temperature": float(temperature),
        "per_member": members,
    }
