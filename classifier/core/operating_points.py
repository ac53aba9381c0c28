"""What a model promises when it is served: sets that hold the true stage, and the confidence it answers from."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from classifier.core.conformal import ConformalSets, fit_conformal
from classifier.core.contracts import Array
from classifier.core.selective import answer_threshold, fit_abstention
from classifier.core.splits import TooFewGroups, fold_pairs, grouped_folds

CROSS_FITTING_FOLDS = 5


@dataclasses.dataclass(frozen=True, slots=True)
class OperatingPoints:
    """Thresholds fitted on out-of-fold probabilities.

    Parameters
    ----------
    conformal : ConformalSets
    answer_share : float
        Share of photos to answer by itself.
    answer_from : float
        Confidence that this share of photos reaches: below it the model abstains.
    wanted_accuracy : float
        That answers should have.
    sure_from : float or None
        Confidence from which on they surely have it; None when no confidence gives that.
    """

    conformal: ConformalSets
    answer_share: float
    answer_from: float
    wanted_accuracy: float
    sure_from: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON, which knows no infinity: a threshold of null gives all stages."""
        threshold = self.conformal.threshold
        return {
            "conformal": {
                "threshold": threshold if math.isfinite(threshold) else None,
                "coverage": self.conformal.coverage,
                "is_ordered": self.conformal.is_ordered,
            },
            "answering": {
                "share": self.answer_share,
                "threshold": self.answer_from,
                "wanted_accuracy": self.wanted_accuracy,
                "sure_from": self.sure_from,
            },
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> OperatingPoints:
        """Rebuild from `to_dict`; ``KeyError``, ``TypeError`` or ``ValueError`` when something is missing."""
        conformal, answering = values["conformal"], values["answering"]
        threshold = conformal["threshold"]
        sets = ConformalSets(
            math.inf if threshold is None else float(threshold),
            float(conformal["coverage"]),
            bool(conformal["is_ordered"]),
        )
        sure_from = answering["sure_from"]
        return cls(
            sets,
            float(answering["share"]),
            float(answering["threshold"]),
            float(answering["wanted_accuracy"]),
            None if sure_from is None else float(sure_from),
        )


def fit_operating_points(
    probas: Array,
    truth: Array,
    groups: Array,
    *,
    is_ordered: bool = True,
    coverage: float = 0.9,
    answer_share: float = 0.9,
    wanted_accuracy: float = 0.95,
    random_state: int = 0,
) -> OperatingPoints:
    """Fit all thresholds on photos that the model has not seen.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Calibrated, out-of-fold.
    truth : ndarray of shape (n,), int
    groups : ndarray of shape (n,)
    is_ordered : bool
    coverage : float
        Promised share of sets that hold the true stage of a photo of a new group.
    answer_share, wanted_accuracy : float
    random_state : int

    Returns
    -------
    OperatingPoints
    """
    confidence = probas.max(axis=1) if len(probas) else np.zeros(0)
    correct = probas.argmax(axis=1) == truth if len(probas) else np.zeros(0, bool)
    return OperatingPoints(
        fit_conformal(probas, truth, groups, coverage=coverage, is_ordered=is_ordered),
        answer_share,
        answer_threshold(confidence, answer_share),
        wanted_accuracy,
        fit_abstention(confidence, correct, groups, accuracy=wanted_accuracy, random_state=random_state),
    )


def cross_fitted_sets(
    probas: Array,
    truth: Array,
    groups: Array,
    *,
    coverage: float,
    is_ordered: bool = True,
    random_state: int = 0,
) -> Array | None:
    """Give every photo the set of a threshold that was fitted without its group, bool (n, K).

    On the photos it was fitted on a threshold keeps its promise by construction. None with fewer than two groups.
    """
    try:
        folds = grouped_folds(truth, groups, n_folds=CROSS_FITTING_FOLDS, random_state=random_state)
    except TooFewGroups:
        return None
    sets = np.zeros(probas.shape, dtype=bool)
    for train, test in fold_pairs(folds):
        fitted = fit_conformal(probas[train], truth[train], groups[train], coverage=coverage, is_ordered=is_ordered)
        sets[test] = fitted.sets(probas[test])
    return sets
