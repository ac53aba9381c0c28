"""What the light head and the promoted ensemble, taken together, say of every photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.core.blending import blend, fit_head_share
from classifier.core.calibration import apply_temperature, fit_temperature
from classifier.core.contracts import Array
from classifier.core.heads import DEFAULT_STRENGTH, Head, fit_head, out_of_fold_head_probas
from classifier.core.splits import TooFewGroups, fold_pairs, grouped_folds

FEWEST_LABELS = 6
FEWEST_STAGES = 2
"""A head that knows one stage would name it for every photo."""
STRENGTH_SEARCH_LIMIT = 1000
"""Labels up to which the penalty is chosen by cross-validation; above it the default costs no accuracy."""
FOLDS = 5


@dataclass(frozen=True)
class Labelled:
    """Training labels with vectors: ``X`` (n, d), ``targets`` (n, K), ``groups`` (n,), ``ensemble`` (n, K) or NaN rows.

    The ensemble's rows must be out of fold for photos it was trained on.
    """

    X: Array
    targets: Array
    groups: Array
    ensemble: Array

    @property
    def n_stages_seen(self) -> int:
        return len(np.unique(self.targets.argmax(axis=1))) if len(self.targets) else 0


@dataclass(frozen=True)
class PoolModel:
    """The fitted head, its share beside the ensemble, and one temperature over both."""

    head: Head | None
    head_share: float
    temperature: float

    def predict_proba(self, X: Array, ensemble: Array) -> npt.NDArray[np.float64]:
        """Calibrated probabilities (n, K).

        Args:
            X: vectors (n, d).
            ensemble: the ensemble's probabilities (n, K); NaN rows are left to the head.
        """
        if self.head is None:
            return np.asarray(ensemble, np.float64)
        head = self.head.predict_proba(X)
        return apply_temperature(_pooled(ensemble, head, self.head_share), self.temperature)


def pool_model_fit(labelled: Labelled, *, is_ordered: bool, has_ensemble: bool, random_state: int) -> PoolModel | None:
    """Fit the head and weigh it against the ensemble; None when there is nothing to go by."""
    if len(labelled.X) < FEWEST_LABELS or labelled.n_stages_seen < FEWEST_STAGES:
        return PoolModel(None, 0.0, 1.0) if has_ensemble else None
    searches = len(labelled.X) <= STRENGTH_SEARCH_LIMIT
    head = fit_head(
        labelled.X,
        labelled.targets,
        groups=labelled.groups,
        strength=None if searches else DEFAULT_STRENGTH,
        is_ordered=is_ordered,
        random_state=random_state,
    )
    out_of_fold = _out_of_fold(labelled, head.strength, is_ordered=is_ordered, random_state=random_state)
    if out_of_fold is None:
        return PoolModel(head, 0.5 if has_ensemble else 1.0, 1.0)
    share = 1.0
    if has_ensemble:
        rows = ~np.isnan(labelled.ensemble).any(axis=1)
        share = fit_head_share(labelled.ensemble[rows], out_of_fold[rows], labelled.targets[rows])
    pooled = _pooled(labelled.ensemble, out_of_fold, share)
    return PoolModel(head, share, fit_temperature(pooled, labelled.targets))


def _out_of_fold(labelled: Labelled, strength: float, *, is_ordered: bool, random_state: int) -> Array | None:
    try:
        folds = grouped_folds(
            labelled.targets.argmax(axis=1), labelled.groups, n_folds=FOLDS, random_state=random_state
        )
    except TooFewGroups:
        return None
    return out_of_fold_head_probas(
        labelled.X, labelled.targets, fold_pairs(folds), strength=strength, is_ordered=is_ordered
    )


def _pooled(ensemble: Array, head: Array, head_share: float) -> Array:
    """The blend, and the head alone where the ensemble has not scored a photo yet."""
    probas = np.array(head, np.float64)
    rows = ~np.isnan(ensemble).any(axis=1)
    if rows.any():
        probas[rows] = blend(ensemble[rows], head[rows], head_share)
    return probas
