"""How often conformal sets hold the true stage, and how large they are, also stage by stage."""

from __future__ import annotations

from typing import Any

import numpy as np

from classifier.core.contracts import Array
from classifier.core.evaluation_report.resampling import GroupResamples


def conformal_sets(sets: Array, truth: Array, resamples: GroupResamples, *, promised: float) -> dict[str, Any]:
    """Measure sets (n, K) against the true stages (n,).

    Parameters
    ----------
    sets : ndarray of shape (n, K), bool
        None of them fitted on the photos it is of.
    truth : ndarray of shape (n,), int
    resamples : GroupResamples
    promised : float

    Returns
    -------
    dict
        ``covered`` and ``size`` as figures, the share of sets of each size in ``sizes`` (1 to K stages), and
        ``by_stage`` with {n, covered, size}, the latter two None for a stage without photos. The promise is made for
        all stages together: a rare stage may be covered less.
    """
    held, size = sets[np.arange(len(truth)), truth], sets.sum(axis=1)
    k = sets.shape[1]
    by_stage = [
        {
            "n": int((truth == stage).sum()),
            "covered": resamples.mean(held, truth == stage),
            "size": resamples.mean(size, truth == stage),
        }
        for stage in range(k)
    ]
    return {
        "promised": promised,
        "covered": resamples.mean(held),
        "size": resamples.mean(size),
        "sizes": [float((size == count).mean()) for count in range(1, k + 1)],
        "by_stage": by_stage,
    }
