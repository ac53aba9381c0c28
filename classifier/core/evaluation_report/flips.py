"""What changes for people when a version takes over from another."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from classifier.core.contracts import Array
from classifier.core.evaluation_report.resampling import GroupResamples

MOST_SHOWN = 48


@dataclasses.dataclass(frozen=True, slots=True)
class Rival:
    """The version that was promoted when this one was judged.

    Parameters
    ----------
    number : int
    probas : ndarray of shape (n, K)
        Of the same photos, out of fold where it was trained on them; NaN rows where it has not scored one.
    """

    number: int
    probas: Array


def flips(probas: Array, truth: Array, resamples: GroupResamples, rival: Rival) -> dict[str, Any] | None:
    """Compare with the rival, photo by photo, on those that both have scored; None where there are none.

    Returns
    -------
    dict
        ``version``, ``n``, ``negative`` (it had them right, and they are wrong now) and ``positive`` flips, the
        ``difference`` in accuracy, and ``photos``: {row, truth, before, now} of negative flips, those that are most
        surely wrong now first.
    """
    both = np.asarray(np.isfinite(rival.probas).all(axis=1))
    if not both.any():
        return None
    now = probas.argmax(axis=1)
    before = np.where(both[:, None], rival.probas, 0.0).argmax(axis=1)
    lost = both & (before == truth) & (now != truth)
    gained = both & (before != truth) & (now == truth)
    gains = gained.astype(np.float64) - lost
    rows = np.flatnonzero(lost)
    rows = rows[np.argsort(-probas[rows].max(axis=1), kind="stable")][:MOST_SHOWN]
    return {
        "version": rival.number,
        "n": int(both.sum()),
        "negative": int(lost.sum()),
        "positive": int(gained.sum()),
        "difference": resamples.mean(gains, both),
        "photos": [
            {"row": int(row), "truth": int(truth[row]), "before": int(before[row]), "now": int(now[row])}
            for row in rows
        ],
    }
