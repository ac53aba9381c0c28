"""The headline figures."""

from __future__ import annotations

import numpy as np

from classifier.core.contracts import Array
from classifier.core.evaluation_report.resampling import Figure, GroupResamples, figure
from classifier.core.ordinal import median_stage

N_BINS = 15
_TINY = 1e-12


def headline(
    probas: Array, targets: Array, truth: Array, resamples: GroupResamples, *, is_ordered: bool
) -> dict[str, Figure]:
    """Compute all figures that need nothing but probabilities and labels.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        At least one photo.
    targets : ndarray of shape (n, K)
        Label distributions.
    truth : ndarray of shape (n,), int
    resamples : GroupResamples
    is_ordered : bool
        Without an order there is no ``mae``, ``qwk`` or ``far_errors``.

    Returns
    -------
    dict of str to Figure
        ``far_errors`` is the share of photos named two or more stages off.
    """
    k = probas.shape[1]
    predicted = probas.argmax(axis=1)
    hot = np.eye(k)[truth]
    by_photo = {
        "accuracy": predicted == truth,
        "nll": -(targets * np.log(np.clip(probas, _TINY, None))).sum(axis=1),
        "brier": ((probas - hot) ** 2).sum(axis=1),
    }
    if is_ordered:
        by_photo["mae"] = np.abs(median_stage(probas) - truth)
        by_photo["far_errors"] = np.abs(predicted - truth) >= 2
    found: dict[str, Figure] = {}
    for name, values in by_photo.items():
        mean = resamples.mean(values)
        assert mean is not None  # there is a photo
        found[name] = mean
    pairs = np.zeros((len(truth), k, k))
    pairs[np.arange(len(truth)), truth, predicted] = 1.0
    confusion, drawn = pairs.sum(axis=0), resamples.sums(pairs)
    found["balanced_accuracy"] = figure(float(balanced_accuracies(confusion)), balanced_accuracies(drawn))
    found["macro_f1"] = figure(float(macro_f1s(confusion)), macro_f1s(drawn))
    if is_ordered:
        found["qwk"] = figure(float(quadratic_kappas(confusion)), quadratic_kappas(drawn))
    found["ece"] = calibration_error(probas, truth, resamples)
    return found


def balanced_accuracies(confusion: Array) -> Array:
    """Mean recall over the stages that occur, for confusion matrices (..., K, K)."""
    support = confusion.sum(axis=-1)
    recall = np.divide(
        np.diagonal(confusion, axis1=-2, axis2=-1), support, out=np.zeros_like(support), where=support > 0
    )
    return recall.sum(axis=-1) / np.maximum((support > 0).sum(axis=-1), 1)


def macro_f1s(confusion: Array) -> Array:
    """Mean F1 over the stages that occur in truth or prediction, for confusion matrices (..., K, K)."""
    both = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    f1 = np.divide(2 * hits, both, out=np.zeros_like(both), where=both > 0)
    return f1.sum(axis=-1) / np.maximum((both > 0).sum(axis=-1), 1)


def quadratic_kappas(confusion: Array) -> Array:
    """Cohen's kappa with quadratic weights, for confusion matrices (..., K, K); 1 where there is nothing to confuse."""
    stages = np.arange(confusion.shape[-1], dtype=np.float64)
    weights = np.subtract.outer(stages, stages) ** 2
    observed = (weights * confusion).sum(axis=(-2, -1))
    rows, columns = confusion.sum(axis=-1), confusion.sum(axis=-2)
    total = np.maximum(confusion.sum(axis=(-2, -1)), _TINY)
    expected = (weights * rows[..., :, None] * columns[..., None, :]).sum(axis=(-2, -1)) / total
    return 1.0 - np.divide(observed, expected, out=np.zeros_like(observed), where=expected > 0)


def confidence_bins(probas: Array, n_bins: int = N_BINS) -> Array:
    """Bin (n,) of each photo: equal mass by confidence, at most `n_bins`, lowest first."""
    order = np.argsort(probas.max(axis=1), kind="stable")
    bins = np.zeros(len(probas), dtype=np.int64)
    for number, rows in enumerate(np.array_split(order, min(n_bins, len(order)))):
        bins[rows] = number
    return bins


def calibration_error(probas: Array, truth: Array, resamples: GroupResamples) -> Figure:
    """Expected calibration error in bins of equal mass; the bins stay when groups are drawn again.

    Drawing adds noise to every bin, and noise only adds to this error: the interval reaches higher than it should, and
    its lower end is none to rely on.
    """
    bins = confidence_bins(probas)
    gap = probas.max(axis=1) - (probas.argmax(axis=1) == truth)
    by_bin = np.zeros((len(truth), int(bins.max()) + 1))
    by_bin[np.arange(len(truth)), bins] = gap
    drawn = np.abs(resamples.sums(by_bin)).sum(axis=1) / np.maximum(resamples.sums(np.ones(len(truth))), 1.0)
    return figure(float(np.abs(by_bin.sum(axis=0)).sum() / len(truth)), drawn)
