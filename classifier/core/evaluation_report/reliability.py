"""Whether confidence means what it says, before and after the temperature."""

from __future__ import annotations

from typing import Any

import numpy as np

from classifier.core.calibration import apply_temperature
from classifier.core.contracts import Array
from classifier.core.evaluation_report.figures import N_BINS, calibration_error, confidence_bins
from classifier.core.evaluation_report.resampling import GroupResamples

#: A drawn bin of a few photos shows nothing but luck, so small sets of photos are drawn in fewer.
PHOTOS_OF_A_BIN, FEWEST_BINS = 20, 5


def reliability(probas: Array, truth: Array, resamples: GroupResamples, *, temperature: float) -> dict[str, Any]:
    """Bins of equal mass with mean confidence and accuracy.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Calibrated.
    truth : ndarray of shape (n,), int
    resamples : GroupResamples
    temperature : float
        That they were calibrated by; taken out again for the figures before it. Where specialists recombine what is
        calibrated, their part is taken for the model's.

    Returns
    -------
    dict
        The errors are of 15 bins. ``bins`` and ``bins_before``, which are drawn, hold about 20 photos or more: each
        {confidence, n, value, low, high}, value being the accuracy.
    """
    before = apply_temperature(probas, 1.0 / temperature)
    return {
        "temperature": float(temperature),
        "ece": calibration_error(probas, truth, resamples),
        "ece_before": calibration_error(before, truth, resamples),
        "bins": _bins(probas, truth, resamples),
        "bins_before": _bins(before, truth, resamples),
    }


def _bins(probas: Array, truth: Array, resamples: GroupResamples) -> list[dict[str, Any]]:
    n_bins = int(np.clip(len(truth) // PHOTOS_OF_A_BIN, FEWEST_BINS, N_BINS))
    bins, confidence = confidence_bins(probas, n_bins), probas.max(axis=1)
    correct = probas.argmax(axis=1) == truth
    rows = []
    for number in range(int(bins.max()) + 1):
        mask = bins == number
        accuracy = resamples.mean(correct, mask)
        if accuracy is not None:
            rows.append({"confidence": float(np.mean(confidence[mask])), "n": int(mask.sum()), **accuracy})
    return rows
