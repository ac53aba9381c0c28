"""Answering only where the model is sure: the curve, its area, and the thresholds that are served."""

from __future__ import annotations

from typing import Any

import numpy as np

from classifier.core.contracts import Array
from classifier.core.evaluation_report.resampling import GroupResamples, figure
from classifier.core.operating_points import OperatingPoints
from classifier.core.selective import COVERAGES, area_under_risk_coverage, selective_accuracy

CURVE_POINTS = 40
_CHUNK = 50


def answering(
    confidence: Array, correct: Array, resamples: GroupResamples, points: OperatingPoints | None
) -> dict[str, Any]:
    """Accuracy on the surest photos.

    Parameters
    ----------
    confidence : ndarray of shape (n,)
        At least one photo.
    correct : ndarray of shape (n,), bool
    resamples : GroupResamples
    points : OperatingPoints or None
        Thresholds that were fitted on out-of-fold photos.

    Returns
    -------
    dict
        ``aurc`` (mean error over all coverages), ``at`` each of ``selective.COVERAGES`` the accuracy, the ``curve`` of
        {coverage, accuracy, confidence}, and of the ``served`` thresholds what they give on these photos.
    """
    areas, accuracies = _resampled(confidence, correct, resamples)
    observed = selective_accuracy(confidence, correct)
    at = [
        {"coverage": coverage, **figure(value, accuracies[:, place])}
        for place, (coverage, value) in enumerate(zip(COVERAGES, observed, strict=True))
    ]
    return {
        "aurc": figure(area_under_risk_coverage(confidence, correct), areas),
        "at": at,
        "curve": _curve(confidence, correct),
        "served": [] if points is None else _served(confidence, correct, resamples, points),
    }


def _curve(confidence: Array, correct: Array) -> list[dict[str, float]]:
    n = len(confidence)
    ranks = np.unique(np.linspace(1, n, min(n, CURVE_POINTS)).round().astype(int))
    sorted_confidence = np.sort(confidence)[::-1]
    accuracies = selective_accuracy(confidence, correct, [rank / n for rank in ranks])
    return [
        {"coverage": float(rank / n), "accuracy": accuracy, "confidence": float(sorted_confidence[rank - 1])}
        for rank, accuracy in zip(ranks, accuracies, strict=True)
    ]


def _served(
    confidence: Array, correct: Array, resamples: GroupResamples, points: OperatingPoints
) -> list[dict[str, Any]]:
    rows = []
    for kind, threshold, wanted in (
        ("share", points.answer_from, points.answer_share),
        ("accuracy", points.sure_from, points.wanted_accuracy),
    ):
        answered = np.zeros(len(confidence), bool) if threshold is None else confidence >= threshold
        rows.append(
            {
                "kind": kind,
                "wanted": wanted,
                "threshold": threshold,
                "answered": float(answered.mean()),
                "accuracy": resamples.mean(correct, answered),
            }
        )
    return rows


def _resampled(confidence: Array, correct: Array, resamples: GroupResamples) -> tuple[Array, Array]:
    """Areas (B,) and accuracies (B, coverages) of each resample; equally sure photos count as their mean."""
    order = np.argsort(-confidence, kind="stable")
    index, right_or_not = resamples.index[order], np.asarray(correct, dtype=np.float64)[order]
    _, starts, tied = np.unique(-confidence[order], return_index=True, return_inverse=True)
    areas, accuracies = [], []
    for start in range(0, len(resamples.weights), _CHUNK):
        weights = resamples.weights[start : start + _CHUNK, index].astype(np.float64)
        hits, counts = (np.add.reduceat(it, starts, axis=1) for it in (weights * right_or_not, weights))
        shared = np.divide(hits, counts, out=np.zeros_like(hits), where=counts > 0)[:, tied]
        drawn, right = np.cumsum(weights, axis=1), np.cumsum(weights * shared, axis=1)
        curve = np.divide(right, drawn, out=np.ones_like(right), where=drawn > 0)
        total = drawn[:, -1:]
        areas.append((weights * (1.0 - curve)).sum(axis=1) / total[:, 0])
        places = [(drawn >= coverage * total - 1e-9).argmax(axis=1) for coverage in COVERAGES]
        accuracies.append(np.stack([curve[np.arange(len(curve)), place] for place in places], axis=1))
    return np.concatenate(areas), np.concatenate(accuracies)
