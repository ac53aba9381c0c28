"""The meta-model: binary specialists for pairs of neighbouring stages that a model confuses.

A specialist never overrules. The model's probability of the pair as a whole stays; only its split between the two
stages moves, and only on photos whose two likeliest stages are the pair. How far it moves is fitted, and 0 is allowed.

Everything here goes by out-of-fold probabilities: what a model says of photos it learned from is no confusion, and a
specialist that is picked on the photos it is judged by looks good by luck (`classifier.core.specialist_evaluation`).

References
----------
.. [1] Hastie and Tibshirani, "Classification by pairwise coupling", Annals of Statistics 26(2), 1998.
.. [2] Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015, section 5 (specialists).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from classifier.core.contracts import Array
from classifier.core.heads import Head, fit_head
from classifier.core.metrics import confusion_matrix, group_sums
from classifier.core.pooling import FLOOR

Pair = tuple[int, int]
#: Rows to learn from -> (rows to score -> probability (m,) of the first stage of the pair, given the pair).
FitPair = Callable[[Pair, Array], Callable[[Array], Array]]

MIN_CONFUSION, MIN_COUNT = 0.03, 20
ALPHAS = (0.0, 0.25, 0.5, 0.75, 1.0)
#: Standard errors of its gain that a specialist has to be ahead by; at 2, one null pair in four slipped in.
STANDARD_ERRORS = 3.0
_NEITHER_SHARE = 0.25


def confused_pairs(
    probas: Array,
    truth: Array,
    *,
    is_ordered: bool = True,
    min_confusion: float = MIN_CONFUSION,
    min_count: int = MIN_COUNT,
) -> list[Pair]:
    """List the pairs worth a specialist, most confused first.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Out-of-fold.
    truth : ndarray of shape (n,), int
    is_ordered : bool
        Only neighbouring stages make pairs where there is an order.
    min_confusion : float
        Least share of the photos of both stages that are taken for the other one.
    min_count : int
        Least number of such photos.

    Returns
    -------
    list of (i, j), i < j
    """
    k = probas.shape[1]
    confusion = confusion_matrix(truth, probas.argmax(axis=1), k)
    support = confusion.sum(axis=1)
    found: list[tuple[float, Pair]] = []
    for i in range(k):
        for j in range(i + 1, min(i + 2, k) if is_ordered else k):
            count = int(confusion[i, j] + confusion[j, i])
            share = count / max(1, int(support[i] + support[j]))
            if share > min_confusion and count >= min_count:
                found.append((share, (i, j)))
    return [pair for _, pair in sorted(found, key=lambda item: (-item[0], item[1]))]


def is_gated(probas: Array, pair: Pair) -> Array:
    """Tell whose two likeliest stages are the pair, bool (n,); a photo is so of one pair at most."""
    top = np.sort(np.argsort(-probas, axis=1, kind="stable")[:, :2], axis=1)
    return (top == np.sort(pair)).all(axis=1)


def recombine(probas: Array, pair: Pair, share: Array, alpha: float) -> Array:
    """Split the probability of a pair anew, by Bayes inside the pair.

    The log-odds of the two stages become (1 - alpha) of the model's and alpha of the specialist's.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Not changed.
    pair : (i, j)
    share : ndarray of shape (n,)
        The specialist's probability of i, given i or j.
    alpha : float
        0 leaves the probabilities as they are, 1 takes the specialist's split.

    Returns
    -------
    ndarray of shape (n, K)
        p(i) + p(j) and all other columns are those of `probas`.
    """
    i, j = pair
    changed = np.array(probas, dtype=np.float64)
    rows = np.flatnonzero(is_gated(probas, pair))
    if alpha == 0 or len(rows) == 0:
        return changed
    mass = changed[rows, i] + changed[rows, j]
    own = np.log(np.maximum(changed[rows, i], FLOOR)) - np.log(np.maximum(changed[rows, j], FLOOR))
    theirs = np.clip(np.asarray(share, dtype=np.float64)[rows], FLOOR, 1.0 - FLOOR)
    odds = (1.0 - alpha) * own + alpha * (np.log(theirs) - np.log1p(-theirs))
    changed[rows, i] = mass / (1.0 + np.exp(-odds))
    changed[rows, j] = mass - changed[rows, i]
    return changed


@dataclasses.dataclass(frozen=True, slots=True)
class Mixture:
    """How far one specialist is listened to.

    Parameters
    ----------
    pair : (i, j)
    alpha : float
    gain : float
        Fall of the mean log loss on gated photos at the best alpha, whether it was kept or not; 0 without photos.
    standard_error : float
        Of that gain, between groups.
    n_gated : int
        Photos it was judged by.
    """

    pair: Pair
    alpha: float
    gain: float
    standard_error: float
    n_gated: int


def fit_mixture(
    probas: Array,
    share: Array,
    truth: Array,
    groups: Array,
    pair: Pair,
    *,
    standard_errors: float = STANDARD_ERRORS,
) -> Mixture:
    """Choose alpha on photos that neither the model nor the specialist has seen.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        The model's, out-of-fold.
    share : ndarray of shape (n,)
        The specialist's, out-of-fold.
    truth : ndarray of shape (n,), int
    groups : ndarray of shape (n,)
    pair : (i, j)
    standard_errors : float
        How many of them the gain must exceed; alpha is 0 otherwise.

    Returns
    -------
    Mixture
    """
    rows = np.flatnonzero(is_gated(probas, pair))
    if len(rows) == 0:
        return Mixture(pair, 0.0, 0.0, 0.0, 0)
    before = _log_loss(np.asarray(probas)[rows], truth[rows])
    gains = [before - _log_loss(recombine(probas[rows], pair, share[rows], alpha), truth[rows]) for alpha in ALPHAS]
    best = int(np.argmax([gain.mean() for gain in gains]))
    gain, error = float(gains[best].mean()), clustered_error(gains[best], np.asarray(groups)[rows])
    is_kept = best > 0 and gain > standard_errors * error
    return Mixture(pair, ALPHAS[best] if is_kept else 0.0, gain, error, len(rows))


def clustered_error(values: Array, groups: Array) -> float:
    """Standard error of a mean whose values are alike within groups; infinite for a single group."""
    sums, sizes = group_sums(values, groups)
    n_groups = len(sums)
    if n_groups < 2:
        return float("inf")
    residuals = sums - sizes * (sums.sum() / sizes.sum())
    return float(np.sqrt(n_groups / (n_groups - 1) * (residuals**2).sum()) / sizes.sum())


def apply_mixtures(probas: Array, shares: Mapping[Pair, Array], mixtures: Sequence[Mixture]) -> Array:
    """Recombine all pairs; gates go by the model's own probabilities, so the order of the pairs means nothing.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
    shares : mapping of pair to ndarray of shape (n,)
        Needed for mixtures whose alpha is not 0.
    mixtures : sequence of Mixture

    Returns
    -------
    ndarray of shape (n, K)
    """
    changed = np.array(probas, dtype=np.float64)
    for mixture in mixtures:
        if mixture.alpha > 0:
            gated = is_gated(probas, mixture.pair)
            changed[gated] = recombine(probas, mixture.pair, shares[mixture.pair], mixture.alpha)[gated]
    return changed


@dataclasses.dataclass(frozen=True, slots=True)
class PairHead:
    """A fitted specialist: a linear head of three answers, the one stage, the other, or neither.

    Parameters
    ----------
    pair : (i, j)
    head : Head
        Its columns are i, j and neither.
    """

    pair: Pair
    head: Head

    def share(self, X: Array) -> Array:
        """Probability (n,) of the first stage, given the pair, for vectors (n, d)."""
        probas = self.head.predict_proba(X)
        return probas[:, 0] / np.maximum(probas[:, :2].sum(axis=1), FLOOR)


def fit_pair_head(
    X: Array, targets: Array, pair: Pair, *, strength: float = 0.5, random_state: int = 0
) -> PairHead | None:
    """Fit a specialist on photos of its pair and a few of other stages.

    The photos that stand for neither keep the boundary between the two from being bent by photos of other stages that
    reach it; `_NEITHER_SHARE` as many of those as of the pair are shown.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    targets : ndarray of shape (n, K)
    pair : (i, j)
    strength : float
        As for ``heads.fit_head``.
    random_state : int
        Of the photos that stand for neither.

    Returns
    -------
    PairHead or None
        None when one of the two stages has no photo.
    """
    stages = np.asarray(targets).argmax(axis=1)
    is_pair = np.isin(stages, pair)
    own, others = np.flatnonzero(is_pair), np.flatnonzero(~is_pair)
    if len(np.unique(stages[own])) < 2:
        return None
    rng = np.random.default_rng([random_state, *pair])
    neither = rng.permutation(others)[: round(_NEITHER_SHARE * len(own))]
    chosen = np.concatenate([own, neither])
    answers = np.asarray(targets, dtype=np.float64)[chosen][:, list(pair)]
    answers = np.concatenate([answers, np.maximum(0.0, 1.0 - answers.sum(axis=1, keepdims=True))], axis=1)
    return PairHead(pair, fit_head(X[chosen], answers, strength=strength, tau=0.0, is_ordered=False))


def head_specialists(X: Array, targets: Array, *, strength: float = 0.5, random_state: int = 0) -> FitPair:
    """Make specialists that are linear heads on vectors of their own, such as those of another crop or resolution.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        The specialist's own view.
    targets : ndarray of shape (n, K)
    strength, random_state
        As for `fit_pair_head`.
    """

    def fit(pair: Pair, rows: Array) -> Callable[[Array], Array]:
        found = fit_pair_head(X[rows], targets[rows], pair, strength=strength, random_state=random_state)
        if found is None:
            return lambda asked: np.full(len(asked), 0.5)
        return lambda asked: found.share(X[asked])

    return fit


def _log_loss(probas: Array, truth: Array) -> Array:
    """Log loss (n,) of each photo."""
    return -np.log(np.maximum(probas[np.arange(len(truth)), truth], FLOOR))
