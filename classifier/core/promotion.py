"""Whether a new model version may take over."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from classifier.core.contracts import Array
from classifier.core.metrics import bootstrap_mean

#: Fewer held-out labels than this say too little; the out-of-fold photos decide then.
MIN_HELD_OUT = 30


@dataclasses.dataclass(frozen=True, slots=True)
class Paired:
    """Right or wrong, photo by photo.

    Parameters
    ----------
    candidate_correct : ndarray of shape (n,), bool
    promoted_correct : ndarray of shape (n,), bool, or None
        The same photos by the version in use; None when there is none.
    groups : ndarray of shape (n,)
    """

    candidate_correct: Array
    promoted_correct: Array | None
    groups: Array


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """The verdict and what it rests on.

    Parameters
    ----------
    promote : bool
    reason : str
        One sentence for people.
    difference, low, high : float
        Accuracy gained, 0..1, and its 95 % interval; against chance for a first version.
    negative_flips : int
        Photos the version in use had right and the candidate has wrong.
    subset : str
        What it was measured on.
    n : int
        Photos it was measured on.
    """

    promote: bool
    reason: str
    difference: float
    low: float
    high: float
    negative_flips: int
    subset: Literal["held_out", "out_of_fold"]
    n: int


def decide(
    candidate_correct: Array,
    promoted_correct: Array | None,
    groups: Array,
    *,
    chance: float,
    out_of_fold: Paired | None = None,
    min_held_out: int = MIN_HELD_OUT,
    tolerance: float = 0.02,
    n_resamples: int = 2000,
    random_state: int = 0,
) -> Decision:
    """Compare a candidate with the version in use by a paired bootstrap over groups.

    A first version is promoted when the lower end of its interval beats chance. A later one is promoted when it is
    not worse: it is at least as accurate on the photos at hand, or surely loses less than `tolerance`. Requiring a
    proven gain would keep good versions out for months, since a few hundred held-out photos resolve only 4-5 points.

    Parameters
    ----------
    candidate_correct, promoted_correct : ndarray of shape (n,), bool
        On the held-out photos; `promoted_correct` is None for a first version.
    groups : ndarray of shape (n,)
    chance : float
        Accuracy of always naming the commonest stage.
    out_of_fold : Paired, optional
        What to use when there are fewer than `min_held_out` held-out labels. The version in use must have been
        scored out of fold, too, or left None: on photos it was trained on it cannot be beaten.
    min_held_out : int
    tolerance : float
        Accuracy, 0..1.
    n_resamples, random_state : int

    Returns
    -------
    Decision
    """
    subset: Literal["held_out", "out_of_fold"] = "held_out"
    pair = Paired(candidate_correct, promoted_correct, groups)
    note = ""
    if len(candidate_correct) < min_held_out and out_of_fold is not None:
        note = f" Only {len(candidate_correct)} held-out photos are labelled, so out-of-fold photos were used."
        subset, pair = "out_of_fold", out_of_fold
    n = len(pair.candidate_correct)
    if n == 0:
        return Decision(
            promote=False,
            reason="There are no labelled photos to judge it on.",
            difference=0.0,
            low=0.0,
            high=0.0,
            negative_flips=0,
            subset=subset,
            n=0,
        )

    candidate = np.asarray(pair.candidate_correct, dtype=np.float64)
    baseline = np.full(n, chance) if pair.promoted_correct is None else np.asarray(pair.promoted_correct, np.float64)
    gains = candidate - baseline
    difference = float(gains.mean())
    low, high = bootstrap_mean(gains, pair.groups, n_resamples=n_resamples, random_state=random_state)
    interval = f"{100 * difference:+.1f} points (95 % interval {100 * low:+.1f} to {100 * high:+.1f}, {n} photos)"
    if pair.promoted_correct is None:
        promote = low > 0.0
        verdict = "First version; it beats" if promote else "First version; it does not surely beat"
        reason = f"{verdict} naming the commonest stage: {interval}.{note}"
        return Decision(promote, reason, difference, low, high, 0, subset, n)
    flips = int(((baseline > 0.5) & (candidate < 0.5)).sum())
    promote = difference >= 0.0 or low > -tolerance
    verdict = "Not worse than the version in use" if promote else "Worse than the version in use"
    reason = f"{verdict}: {interval}; {flips} photos it had right are wrong now.{note}"
    return Decision(promote, reason, difference, low, high, flips, subset, n)
