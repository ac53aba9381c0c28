"""The specialists of one training: whether any is worth serving, and those that are, ready to serve.

The networks below are not trained again for every question asked here. Their out-of-fold probabilities stand for
them, as in stacking; pairs, specialists, alphas and the weights of the rivals are chosen anew inside every outer fold.
What a photo of an outer fold taught the networks that scored the *other* photos can so reach a choice, but never the
probability that the photo itself is judged by. Photos are only compared with rivals that stand on the same networks.

Cheap questions come first. Without a pair that is confused often enough, or without a specialist whose gain stands out
from its error, there is nothing to serve, whatever a nested evaluation would say: so there is none.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from classifier.core.blending import blend, fit_head_share
from classifier.core.contracts import Array, SpecialistOutcome
from classifier.core.heads import Head, fit_head
from classifier.core.specialist_evaluation import META, Difference, Fit, nested_evaluation
from classifier.core.specialists import (
    MIN_COUNT,
    Mixture,
    Pair,
    PairHead,
    apply_mixtures,
    confused_pairs,
    fit_mixture,
    fit_pair_head,
    head_specialists,
)
from classifier.core.splits import fold_pairs, grouped_folds

EQUAL_COMPUTE, FLAT = "equal_compute", "flat"
RIVALS = (EQUAL_COMPUTE, FLAT)
MAX_PAIRS = 6
OUTER_FOLDS, INNER_FOLDS = 5, 3
#: Outer folds of fewer groups than this have no inner folds worth the name.
MIN_GROUPS = 2 * OUTER_FOLDS


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about specialists.

    Parameters
    ----------
    outcome : str
        ``off``: not asked for. ``no_vectors``: nothing they could look at. ``too_few``: too few photos or groups to
        ask. ``no_pairs``: no two stages are confused often enough. ``no_gain``: no specialist stood out on out-of-fold
        photos. ``not_proven``: some did, and nested evaluation did not bear it out. ``shipped``: it did.
    mixtures : sequence of Mixture
        One for each candidate pair.
    differences : dict of str to Difference
        Of the nested evaluation, to the base and every rival; empty where there was none.
    n_photos, n_groups : int
        That were asked.
    """

    outcome: SpecialistOutcome
    mixtures: Sequence[Mixture] = ()
    differences: dict[str, Difference] = dataclasses.field(default_factory=dict)
    n_photos: int = 0
    n_groups: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "outcome": self.outcome,
            "pairs": [_mixture_to_dict(mixture) for mixture in self.mixtures],
            "differences": {name: dataclasses.asdict(found) for name, found in self.differences.items()},
            "n_photos": self.n_photos,
            "n_groups": self.n_groups,
        }


@dataclasses.dataclass(frozen=True, slots=True)
class MetaModel:
    """Fitted specialists and how far each is listened to.

    Parameters
    ----------
    feature_space : str
        Name of the space of the vectors they look at.
    mixtures : tuple of Mixture
        Those with alpha above 0.
    heads : tuple of PairHead
        One for each.
    """

    feature_space: str
    mixtures: tuple[Mixture, ...]
    heads: tuple[PairHead, ...]

    def apply(self, probas: Array, X: Array) -> Array:
        """Recombine probabilities (n, K) of photos with vectors (n, d)."""
        return apply_mixtures(probas, {head.pair: head.share(X) for head in self.heads}, self.mixtures)

    def to_arrays(self) -> dict[str, Array]:
        """Arrays for ``numpy.savez``; with `settings` the inverse of `from_parts`."""
        return {
            f"{number}_{name}": array
            for number, head in enumerate(self.heads)
            for name, array in head.head.to_arrays().items()
        }

    @property
    def settings(self) -> dict[str, Any]:
        """What is not an array, ready for JSON."""
        return {"feature_space": self.feature_space, "pairs": [_mixture_to_dict(mixture) for mixture in self.mixtures]}

    @classmethod
    def from_parts(cls, settings: dict[str, Any], arrays: dict[str, Array]) -> MetaModel:
        """Rebuild from `settings` and `to_arrays`; ``KeyError`` or ``ValueError`` when they do not fit together."""
        mixtures, heads = [], []
        for number, found in enumerate(settings["pairs"]):
            pair = (int(found["pair"][0]), int(found["pair"][1]))
            mixtures.append(
                Mixture(
                    pair,
                    float(found["alpha"]),
                    float(found["gain"]),
                    float(found["standard_error"]),
                    int(found["n_gated"]),
                )
            )
            own = {name.split("_", 1)[1]: array for name, array in arrays.items() if name.startswith(f"{number}_")}
            heads.append(PairHead(pair, Head.from_arrays(own)))
        return cls(str(settings["feature_space"]), tuple(mixtures), tuple(heads))


@dataclasses.dataclass(frozen=True, slots=True)
class FoundSpecialists:
    """The answer of `find_specialists`.

    Parameters
    ----------
    verdict : Verdict
    meta_model : MetaModel or None
        Only when they ship.
    probas : ndarray of shape (n, K)
        Out-of-fold probabilities of what is served: recombined where specialists ship, each photo by choices that were
        made without it; the given ones otherwise.
    """

    verdict: Verdict
    meta_model: MetaModel | None
    probas: Array


def find_specialists(
    probas: Array,
    X: Array,
    targets: Array,
    groups: Array,
    *,
    feature_space: str,
    is_ordered: bool = True,
    random_state: int = 0,
    before_fit: Callable[[], None] = lambda: None,
) -> FoundSpecialists:
    """Look for specialists that help, and prove it.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Calibrated out-of-fold probabilities of the ensemble.
    X : ndarray of shape (n, d)
        Frozen vectors of the photos.
    targets : ndarray of shape (n, K)
        Label distributions.
    groups : ndarray of shape (n,)
    feature_space : str
        Of `X`.
    is_ordered : bool
    random_state : int
    before_fit : callable
        Called before every fit; may raise to stop.

    Returns
    -------
    FoundSpecialists
    """
    X, targets, groups = np.asarray(X, dtype=np.float32), np.asarray(targets), np.asarray(groups).astype(str)
    truth, n_groups = targets.argmax(axis=1), len(np.unique(groups))

    def verdict(outcome: SpecialistOutcome, mixtures: Sequence[Mixture] = ()) -> Verdict:
        return Verdict(outcome, mixtures, {}, len(truth), n_groups)

    if n_groups < MIN_GROUPS or len(truth) < MIN_COUNT:
        return FoundSpecialists(verdict("too_few"), None, probas)
    pairs = confused_pairs(probas, truth, is_ordered=is_ordered)[:MAX_PAIRS]
    if not pairs:
        return FoundSpecialists(verdict("no_pairs"), None, probas)
    mixtures = _mixtures(probas, X, targets, groups, pairs, random_state, before_fit)
    if not any(mixture.alpha > 0 for mixture in mixtures):
        return FoundSpecialists(verdict("no_gain", mixtures), None, probas)
    report = nested_evaluation(
        truth,
        groups,
        probas.shape[1],
        lambda rows: lambda asked: probas[asked],
        _stoppable(X, targets, random_state, before_fit),
        {
            EQUAL_COMPUTE: _pooled_with_heads(probas, X, targets, groups, len(pairs), random_state, before_fit),
            FLAT: _pooled_with_heads(probas, X, targets, groups, 1, random_state, before_fit),
        },
        is_ordered=is_ordered,
        n_folds=OUTER_FOLDS,
        n_inner_folds=INNER_FOLDS,
        random_state=random_state,
    )
    is_shipped = report.ships(*RIVALS)
    found = Verdict("shipped" if is_shipped else "not_proven", mixtures, report.differences, len(truth), n_groups)
    if not is_shipped:
        return FoundSpecialists(found, None, probas)
    kept = tuple(mixture for mixture in mixtures if mixture.alpha > 0)
    heads = [fit_pair_head(X, targets, mixture.pair, random_state=random_state) for mixture in kept]
    # A pair that is confused has photos of both stages, so every head could be fitted.
    meta_model = MetaModel(feature_space, kept, tuple(head for head in heads if head is not None))
    return FoundSpecialists(found, meta_model, report.probas[META])


def _stoppable(
    X: Array, targets: Array, random_state: int, before_fit: Callable[[], None]
) -> Callable[[Pair, Array], Callable[[Array], Array]]:
    fit = head_specialists(X, targets, random_state=random_state)

    def fit_unless_stopped(pair: Pair, rows: Array) -> Callable[[Array], Array]:
        before_fit()
        return fit(pair, rows)

    return fit_unless_stopped


def _mixtures(
    probas: Array,
    X: Array,
    targets: Array,
    groups: Array,
    pairs: Sequence[Pair],
    random_state: int,
    before_fit: Callable[[], None],
) -> list[Mixture]:
    """What alpha each pair would get on all photos, by specialists that have not seen them."""
    truth = targets.argmax(axis=1)
    fit = _stoppable(X, targets, random_state, before_fit)
    folds = fold_pairs(grouped_folds(truth, groups, n_folds=OUTER_FOLDS, random_state=random_state))
    mixtures = []
    for pair in pairs:
        share = np.zeros(len(truth))
        for train, validation in folds:
            share[validation] = fit(pair, train)(validation)
        mixtures.append(fit_mixture(probas, share, truth, groups, pair))
    return mixtures


def _pooled_with_heads(
    probas: Array,
    X: Array,
    targets: Array,
    groups: Array,
    n_heads: int,
    random_state: int,
    before_fit: Callable[[], None],
) -> Fit:
    """A rival: the ensemble pooled with plain heads of all stages on the specialists' vectors.

    One head sees what the specialists see. As many as there are specialists, each on groups drawn anew, cost what they
    cost. The share of the heads is fitted inside, as alpha is.
    """

    def heads_of(rows: Array) -> Callable[[Array], Array]:
        rng = np.random.default_rng([random_state, n_heads])
        models = []
        for _ in range(n_heads):
            before_fit()
            drawn = rows if n_heads == 1 else _drawn_groups(rows, groups, rng)
            models.append(fit_head(X[drawn], targets[drawn]))
        return lambda asked: np.mean([model.predict_proba(X[asked]) for model in models], axis=0)

    def fit(rows: Array) -> Callable[[Array], Array]:
        truth = targets[rows].argmax(axis=1)
        folds = grouped_folds(truth, groups[rows], n_folds=INNER_FOLDS, random_state=random_state)
        inner = np.zeros((len(rows), probas.shape[1]))
        for train, validation in fold_pairs(folds):
            inner[validation] = heads_of(rows[train])(rows[validation])
        share = fit_head_share(probas[rows], inner, targets[rows])
        whole = heads_of(rows)
        return lambda asked: blend(probas[asked], whole(asked), share)

    return fit


def _drawn_groups(rows: Array, groups: Array, rng: np.random.Generator) -> Array:
    """Rows of as many groups as there are, drawn with replacement."""
    names, index = np.unique(groups[rows], return_inverse=True)
    members = np.split(np.argsort(index, kind="stable"), np.cumsum(np.bincount(index))[:-1])
    drawn = rng.integers(0, len(names), len(names))
    return rows[np.concatenate([members[group] for group in drawn])]


def _mixture_to_dict(mixture: Mixture) -> dict[str, Any]:
    """Plain values; an error that cannot be told, as with a single group, is None, for JSON knows no infinity."""
    error = mixture.standard_error if math.isfinite(mixture.standard_error) else None
    return {**dataclasses.asdict(mixture), "pair": list(mixture.pair), "standard_error": error}
