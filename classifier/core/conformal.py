"""Sets of neighbouring stages that hold the true one as often as promised."""

from __future__ import annotations

import dataclasses

import numpy as np

from classifier.core.contracts import Array


def growth_scores(probas: Array, *, is_ordered: bool = True) -> Array:
    """Tell for every stage how much probability a set holds before that stage joins it.

    A set starts from the most probable stage and takes in, one at a time, the more probable of its two neighbours; so
    it is always a run of neighbouring stages. Without an order stages join by falling probability. The mass is that
    *before* a stage joins: with its own mass counted in, sets come out far too large.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
    is_ordered : bool

    Returns
    -------
    ndarray of shape (n, K), float64
        0 for the most probable stage; stages with a score up to any threshold form a set as described.

    References
    ----------
    .. [1] Lu, Angelopoulos, Pomerantz, "Improving Trustworthiness of AI Disease Severity Rating in Medical Imaging
       with Ordinal Conformal Prediction Sets", MICCAI 2022.
    .. [2] Romano, Sesia, Candes, "Classification with Valid and Adaptive Coverage", NeurIPS 2020 (no order).
    """
    probas = np.asarray(probas, dtype=np.float64)
    n, k = probas.shape
    rows = np.arange(n)
    scores = np.zeros((n, k))
    if not is_ordered:
        order = np.argsort(-probas, axis=1, kind="stable")
        sorted_mass = np.take_along_axis(probas, order, axis=1)
        np.put_along_axis(scores, order, np.cumsum(sorted_mass, axis=1) - sorted_mass, axis=1)
        return scores
    # A border of -1 on both sides: it never wins against a stage, and loses to none of probability 0.
    fenced = np.pad(probas, ((0, 0), (1, 1)), constant_values=-1.0)
    low = high = probas.argmax(axis=1) + 1
    mass = fenced[rows, low]
    for _ in range(k - 1):
        goes_up = fenced[rows, high + 1] > fenced[rows, low - 1]
        joined = np.where(goes_up, high + 1, low - 1)
        scores[rows, joined - 1] = mass
        mass = mass + fenced[rows, joined]
        low, high = np.where(goes_up, low, low - 1), np.where(goes_up, high + 1, high)
    return scores


@dataclasses.dataclass(frozen=True, slots=True)
class ConformalSets:
    """A fitted threshold.

    Parameters
    ----------
    threshold : float
        Stages with a growth score up to it are in the set; infinity gives all stages.
    coverage : float
        Promised share of sets that hold the true stage.
    is_ordered : bool
    """

    threshold: float
    coverage: float
    is_ordered: bool = True

    def sets(self, probas: Array) -> Array:
        """Give the sets, bool (n, K); each holds the most probable stage, and neighbours only."""
        return growth_scores(probas, is_ordered=self.is_ordered) <= self.threshold


def fit_conformal(
    probas: Array, truth: Array, groups: Array, *, coverage: float = 0.9, is_ordered: bool = True
) -> ConformalSets:
    """Choose the threshold on photos that the model has not seen.

    The promise holds for a photo of a *new* group (plant, burst): photos of one group are alike, so counting each as
    a witness of its own would promise too much. Every group gets the same weight, and one more, yet unseen, is
    reckoned to score worst of all.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Calibrated, out-of-fold or held-out.
    truth : ndarray of shape (n,), int
    groups : ndarray of shape (n,)
    coverage : float
        Within 0..1, both excluded.
    is_ordered : bool

    Returns
    -------
    ConformalSets
        With fewer than coverage / (1 - coverage) groups nothing short of all stages keeps the promise.

    References
    ----------
    .. [1] Lee, Barber, Willett, "Distribution-free inference with hierarchical data", 2023 (HCP).
    """
    if not 0.0 < coverage < 1.0:
        raise ValueError(f"coverage must lie between 0 and 1, not at {coverage}")
    scores = growth_scores(probas, is_ordered=is_ordered)[np.arange(len(truth)), truth]
    _, index, sizes = np.unique(np.asarray(groups).astype(str), return_inverse=True, return_counts=True)
    order = np.argsort(scores, kind="stable")
    # Shares that sum to one only with the unseen group's.
    held = np.cumsum((1.0 / (sizes[index] * (len(sizes) + 1.0)))[order])
    reached = np.flatnonzero(held >= coverage - 1e-12)
    threshold = float(scores[order[reached[0]]]) if len(reached) else float("inf")
    return ConformalSets(threshold, coverage, is_ordered)


def coverage_and_size(sets: Array, truth: Array) -> tuple[float, float]:
    """Share of sets (n, K) that hold the truth (n,), and their mean size; zeros without photos."""
    if len(truth) == 0:
        return 0.0, 0.0
    return float(sets[np.arange(len(truth)), truth].mean()), float(sets.sum(axis=1).mean())
