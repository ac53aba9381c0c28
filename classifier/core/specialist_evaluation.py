"""Whether the meta-model helps, asked so that the answer is not luck.

Every choice (pairs, specialists, alphas) is made anew inside the training part of each outer fold, by inner folds. The
outcome on the outer folds is compared photo by photo with the model alone, with an ensemble that had the same
compute, and with any other rival; intervals draw whole groups. Picking on the photos one is judged by shows a gain of
a point where there is nothing to gain.

References
----------
.. [1] Cawley and Talbot, "On Over-fitting in Model Selection and Subsequent Selection Bias in Performance Evaluation",
   JMLR 11, 2010.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from classifier.core.contracts import Array
from classifier.core.metrics import bootstrap_mean
from classifier.core.specialists import FitPair, Mixture, Pair, apply_mixtures, confused_pairs, fit_mixture
from classifier.core.splits import fold_pairs, grouped_folds

#: Rows to learn from -> (rows to score -> probabilities (m, K)).
Fit = Callable[[Array], Callable[[Array], Array]]
BASE, META = "base", "meta_model"


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """Accuracy of the meta-model minus that of a rival, on the same photos, with its interval."""

    mean: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True, slots=True)
class NestedReport:
    """What the outer folds showed.

    Parameters
    ----------
    probas : dict of str to ndarray of shape (n, K)
        Of the base, the meta-model and every rival; no photo was seen by what scored it.
    mixtures : list of list of Mixture
        Chosen in each outer fold.
    differences : dict of str to Difference
        Of the meta-model to the base and every rival.
    """

    probas: dict[str, Array]
    mixtures: list[list[Mixture]]
    differences: dict[str, Difference]

    def ships(self, *rivals: str) -> bool:
        """Tell whether the lower bound is above 0 against the base and all of `rivals`."""
        return all(self.differences[name].low > 0 for name in (BASE, *rivals))

    @property
    def kept_pairs(self) -> float:
        """Mean number of specialists that were listened to."""
        return float(np.mean([sum(mixture.alpha > 0 for mixture in chosen) for chosen in self.mixtures]))


def fit_meta_model(
    rows: Array,
    truth: Array,
    groups: Array,
    n_stages: int,
    fit_base: Fit,
    fit_pair: FitPair,
    *,
    is_ordered: bool = True,
    n_folds: int = 3,
    random_state: int = 0,
) -> tuple[Callable[[Array], tuple[Array, Array]], list[Mixture]]:
    """Fit the base, the specialists and their alphas on some rows only.

    Parameters
    ----------
    rows : ndarray of int
        Nothing but these rows is looked at.
    truth, groups : ndarray of shape (n,)
        Of all rows.
    n_stages : int
    fit_base, fit_pair
    is_ordered : bool
    n_folds : int
        Inner grouped folds.
    random_state : int

    Returns
    -------
    score : callable
        Rows to (probabilities of the base, probabilities of the meta-model), each (m, K).
    mixtures : list of Mixture
        One for each candidate pair, those with alpha 0 included.
    """
    truth, groups = np.asarray(truth), np.asarray(groups)
    folds = fold_pairs(grouped_folds(truth[rows], groups[rows], n_folds=n_folds, random_state=random_state))
    probas = np.zeros((len(rows), n_stages))
    for train, validation in folds:
        probas[validation] = fit_base(rows[train])(rows[validation])
    mixtures = []
    for pair in confused_pairs(probas, truth[rows], is_ordered=is_ordered):
        share = np.zeros(len(rows))
        for train, validation in folds:
            share[validation] = fit_pair(pair, rows[train])(rows[validation])
        mixtures.append(fit_mixture(probas, share, truth[rows], groups[rows], pair))
    base = fit_base(rows)
    specialists = {mixture.pair: fit_pair(mixture.pair, rows) for mixture in mixtures if mixture.alpha > 0}

    def score(asked: Array) -> tuple[Array, Array]:
        own = base(asked)
        shares: dict[Pair, Array] = {pair: specialist(asked) for pair, specialist in specialists.items()}
        return own, apply_mixtures(own, shares, mixtures)

    return score, mixtures


def nested_evaluation(
    truth: Array,
    groups: Array,
    n_stages: int,
    fit_base: Fit,
    fit_pair: FitPair,
    rivals: Mapping[str, Fit],
    *,
    is_ordered: bool = True,
    n_folds: int = 5,
    n_inner_folds: int = 3,
    n_resamples: int = 1000,
    random_state: int = 0,
) -> NestedReport:
    """Compare the meta-model with the base and with rivals.

    Parameters
    ----------
    truth : ndarray of shape (n,), int
    groups : ndarray of shape (n,)
    n_stages : int
        K.
    fit_base : Fit
    fit_pair : FitPair
    rivals : mapping of str to Fit
        One should have the same compute as base and specialists together, one see what the specialists see as a
        plain model of all stages.
    is_ordered : bool
    n_folds, n_inner_folds : int
    n_resamples : int
        Of the grouped bootstrap.
    random_state : int

    Returns
    -------
    NestedReport
    """
    truth, groups = np.asarray(truth), np.asarray(groups)
    folds = fold_pairs(grouped_folds(truth, groups, n_folds=n_folds, random_state=random_state))
    probas = {name: np.zeros((len(truth), n_stages)) for name in (BASE, META, *rivals)}
    mixtures = []
    for train, test in folds:
        score, chosen = fit_meta_model(
            train,
            truth,
            groups,
            n_stages,
            fit_base,
            fit_pair,
            is_ordered=is_ordered,
            n_folds=n_inner_folds,
            random_state=random_state,
        )
        probas[BASE][test], probas[META][test] = score(test)
        mixtures.append(chosen)
        for name, fit in rivals.items():
            probas[name][test] = fit(train)(test)
    right = {name: (scored.argmax(axis=1) == truth).astype(float) for name, scored in probas.items()}
    differences = {
        name: _difference(right[META] - right[name], groups, n_resamples, random_state) for name in (BASE, *rivals)
    }
    return NestedReport(probas, mixtures, differences)


def _difference(paired: Array, groups: Array, n_resamples: int, random_state: int) -> Difference:
    low, high = bootstrap_mean(paired, groups, n_resamples=n_resamples, random_state=random_state)
    return Difference(float(paired.mean()), low, high)
