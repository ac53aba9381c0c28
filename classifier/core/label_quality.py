"""How likely a label is wrong, from probabilities of a model that has not seen the photo.

Rank by `self_confidence` or `ordinal_quality` and look at the lowest first: the flags of confident learning are few
and sure, but at low noise they find half of the errors or fewer.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from classifier.core.contracts import Array
from classifier.core.metrics import confusion_matrix

#: Thresholds are never below this, so that a stage nobody predicts does not claim every photo.
_LOWEST_THRESHOLD = 2.5e-8
_SLACK = 1e-6


def self_confidence(probas: Array, labels: Array) -> Array:
    """Probability of the given label.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Out of fold: a model that was fitted on the label believes it.
    labels : ndarray of shape (n,), int

    Returns
    -------
    ndarray of shape (n,)
        0..1, low where the label is doubtful.
    """
    probas, labels = _checked(probas, labels)
    return probas[np.arange(len(labels)), labels]


def normalised_margin(probas: Array, labels: Array) -> Array:
    """Probability of the given label less that of the best other one, scaled to 0..1.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Out of fold.
    labels : ndarray of shape (n,), int

    Returns
    -------
    ndarray of shape (n,)
    """
    probas, labels = _checked(probas, labels)
    rows = np.arange(len(labels))
    others = probas.copy()
    others[rows, labels] = -np.inf
    return (probas[rows, labels] - others.max(axis=1, initial=-1.0) + 1.0) / 2.0


def ordinal_quality(probas: Array, labels: Array) -> Array:
    """One minus the doubt about the boundaries of the given stage, for ordered stages.

    A label of stage k claims that the photo lies above the boundary below k and below the boundary above it. The
    weaker of the two claims is the quality. A wide distribution around the label so counts for more than it does in
    `self_confidence`, and mass on one side, as a slip to the neighbour leaves it, for less.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Out of fold.
    labels : ndarray of shape (n,), int

    Returns
    -------
    ndarray of shape (n,)
        0..1, low where the label is doubtful.
    """
    probas, labels = _checked(probas, labels)
    rows = np.arange(len(labels))
    up_to = np.cumsum(probas, axis=1)
    at_most = up_to[rows, labels]
    at_least = 1.0 - at_most + probas[rows, labels]
    return np.clip(np.minimum(at_most, at_least), 0.0, 1.0)


@dataclasses.dataclass(frozen=True, slots=True)
class ConfidentLearning:
    """What confident learning concludes.

    Parameters
    ----------
    thresholds : ndarray of shape (K,)
        Mean self-confidence of each stage; infinite for a stage without labels.
    confident_joint : ndarray of shape (K, K), int
        Photos counted with certainty: given label in rows, true stage in columns.
    joint : ndarray of shape (K, K), int
        The same scaled to the given labels' counts: an estimate for all photos; rows sum to the counts.
    is_flagged : ndarray of shape (n,), bool
    """

    thresholds: Array
    confident_joint: Array
    joint: Array
    is_flagged: Array

    @property
    def noise_rate(self) -> float:
        """Estimated share of wrong labels."""
        total = self.joint.sum()
        return float(1.0 - np.trace(self.joint) / total) if total else 0.0


def confident_learning(
    probas: Array, labels: Array, *, rule: Literal["noise_rate", "off_diagonal"] = "noise_rate"
) -> ConfidentLearning:
    """Estimate the joint distribution of given and true labels, and flag labels.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Out of fold.
    labels : ndarray of shape (n,), int
    rule : str
        ``noise_rate`` flags, for each pair of a given and another stage, as many photos as the joint counts there,
        those with the widest margin first. ``off_diagonal`` flags the photos counted off the diagonal. Neither flags
        a photo whose given label is the likeliest.

    Returns
    -------
    ConfidentLearning

    References
    ----------
    .. [1] Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70, 2021.
    """
    probas, labels = _checked(probas, labels)
    k = probas.shape[1]
    counts = np.bincount(labels, minlength=k)
    sums = np.bincount(labels, weights=probas[np.arange(len(labels)), labels], minlength=k)
    thresholds = np.full(k, np.inf)
    thresholds[counts > 0] = np.maximum(sums[counts > 0] / counts[counts > 0], _LOWEST_THRESHOLD)

    is_confident = probas >= thresholds - _SLACK
    guess = np.where(is_confident, probas, -1.0).argmax(axis=1)
    sure = is_confident.any(axis=1)
    confident_joint = confusion_matrix(labels[sure], guess[sure], k)
    np.fill_diagonal(confident_joint, np.maximum(np.diag(confident_joint), 1))
    joint = _scaled(confident_joint, counts)

    if rule == "off_diagonal":
        flagged = sure & (guess != labels)
    elif rule == "noise_rate":
        flagged = _widest_margins(probas, labels, _spared(joint))
    else:
        raise ValueError(f"no such rule: {rule}")
    return ConfidentLearning(
        thresholds, confident_joint, joint, flagged & (probas.max(axis=1) > _given(probas, labels))
    )


def _checked(probas: Array, labels: Array) -> tuple[Array, Array]:
    probas, labels = np.asarray(probas, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    if probas.ndim != 2 or labels.shape != (len(probas),):
        raise ValueError(f"probas must be (n, K) and labels (n,), not {probas.shape} and {labels.shape}")
    if not np.isfinite(probas).all():
        raise ValueError("probas holds numbers that are not finite")
    if len(labels) and not (labels.min() >= 0 and labels.max() < probas.shape[1]):
        raise ValueError(f"labels must lie in 0..{probas.shape[1] - 1}")
    return probas, labels


def _given(probas: Array, labels: Array) -> Array:
    return probas[np.arange(len(labels)), labels]


def _scaled(confident_joint: Array, counts: Array) -> Array:
    """Scale each row to its count, in whole photos: the largest remainders are rounded up."""
    exact = confident_joint / confident_joint.sum(axis=1, keepdims=True) * counts[:, None]
    whole = np.floor(exact).astype(np.int64)
    remainder = exact - whole
    for row, missing in enumerate(counts - whole.sum(axis=1)):
        whole[row, np.argsort(-remainder[row], kind="stable")[:missing]] += 1
    return whole


def _spared(joint: Array) -> Array:
    """The joint with at least one photo left at every given label."""
    spared = joint.astype(np.int64).copy()
    for row in range(len(spared)):
        short = 1 - spared[row, row]
        if short > 0 and spared[row].sum() > 0:
            others = np.array([c for c in range(len(spared)) if c != row])
            largest = others[int(spared[row, others].argmax())]
            spared[row, largest] -= short
            spared[row, row] += short
    return np.maximum(spared, 0)


def _widest_margins(probas: Array, labels: Array, joint: Array) -> Array:
    flagged = np.zeros(len(labels), dtype=bool)
    for given in range(joint.shape[0]):
        rows = np.flatnonzero(labels == given)
        if len(rows) <= 1:
            continue
        for true in range(joint.shape[1]):
            wanted = int(joint[given, true])
            if true != given and wanted > 0:
                margins = probas[rows, true] - probas[rows, given]
                flagged[rows[np.argsort(-margins, kind="stable")[:wanted]]] = True
    return flagged
