"""One outer fold of the study: every arm on the same training photos, scored on the same test photos.

All that an arm chooses (which labels to review, which classes to merge, which pairs need a specialist, how members are
weighed) it chooses from the training photos and their labels. Gold stages are read only to score.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from classifier.core.class_structure import Opinions, contiguous_partitions, judge_pair, pair_table, score_partitions
from classifier.core.class_structure.partitions import Partition
from classifier.core.contracts import Array
from classifier.core.corn import fit_corn
from classifier.core.heads import fit_head
from classifier.core.label_quality import self_confidence
from classifier.core.metrics import confusion_matrix
from classifier.core.pooling import FLOOR, log_linear_pool
from classifier.core.specialists import Mixture, Pair, apply_mixtures, confused_pairs, fit_mixture
from classifier.core.splits import fold_pairs, grouped_folds
from classifier.core.stacking import fit_stacking_weights
from classifier.study.fits import FitStore
from classifier.study.panel import Cost, Panel, cost_of, reviewed_labels
from classifier.study.photo_sets import PhotoSet
from classifier.study.plan import Levers

Made = TypeVar("Made")
#: Labels in use: as they came, reviewed at random, or reviewed in the order of a model's doubt.
RAW, RANDOM, BY_NETWORK, BY_ENSEMBLE = "raw", "random", "by-network", "by-ensemble"
_NEITHER_SHARE = 0.25


@dataclasses.dataclass(frozen=True, slots=True)
class StudyOptions:
    """What the arms share.

    Parameters
    ----------
    inner_folds : int
        Grouped folds inside the training photos, for everything that is chosen.
    tau : float
        Ordinal smoothing of A1, in stages.
    reviewed : float
        Share of the training photos that a review looks at again.
    blind : float
        Share of the training photos that all three experts label, for what is said about the classes.
    most_pairs : int
        Specialists at most, those of the most confused pairs.
    seconds_per_opinion : float
        Expert time.
    slips : float
        Multiplies the experts' rates of slipping.
    """

    inner_folds: int = 2
    tau: float = 0.4
    reviewed: float = 0.3
    blind: float = 0.2
    most_pairs: int = 2
    seconds_per_opinion: float = 10.0
    slips: float = 0.6


class Scored:
    """What a model says; worked out when it is first asked for, since it is costly and many arms need only half.

    Parameters
    ----------
    out_of_fold : callable
        Gives probabilities (n_train, P) of the training photos by models that have not seen their groups.
    test : callable
        Gives probabilities (n_test, P).
    notes : dict
        JSON-ready remarks for the row.
    """

    def __init__(
        self, out_of_fold: Callable[[], Array], test: Callable[[], Array], notes: dict[str, Any] | None = None
    ) -> None:
        self._out_of_fold, self._test = out_of_fold, test
        self.notes = notes or {}

    @cached_property
    def out_of_fold(self) -> Array:
        return self._out_of_fold()

    @cached_property
    def test(self) -> Array:
        return self._test()


class Fold:
    """The work of one outer fold; what several arms need is made once.

    Parameters
    ----------
    photos : PhotoSet
    panel : Panel
    train, test : ndarray of int
        Rows of `photos`.
    store : FitStore
    options : StudyOptions
    seed : int
        Of this fold's networks and draws.
    """

    def __init__(
        self,
        photos: PhotoSet,
        panel: Panel,
        train: Array,
        test: Array,
        store: FitStore,
        options: StudyOptions,
        seed: int,
    ) -> None:
        self.photos, self.panel, self.train, self.test = photos, panel, train, test
        self.options, self.seed = options, seed
        self._store = store
        self._made: dict[tuple[Any, ...], Any] = {}

    @property
    def finest(self) -> Partition:
        """Every stage a class of its own."""
        return tuple((stage,) for stage in range(self.photos.n_stages))

    @cached_property
    def inner(self) -> list[tuple[Array, Array]]:
        """(learn, judge) as places in `train`; the same for all labels and classes."""
        groups = self.photos.groups[self.train]
        raw = self.panel.raw[self.train]
        folds = grouped_folds(raw, groups, n_folds=self.options.inner_folds, random_state=self.seed)
        return fold_pairs(folds)

    @property
    def n_reviewed(self) -> int:
        """Photos that a review looks at."""
        return round(self.options.reviewed * len(self.train))

    def subset(self, levers: Levers) -> tuple[Scored, Partition]:
        """Give the model of one combination of levers, and the classes it tells apart."""
        labels = self.labels_of(levers)
        parts = self.proposed_classes(labels) if "classes" in levers else self.finest
        base = self._base(labels, parts, is_ensemble="algorithms" in levers)
        return (self._with_specialists(base, labels, parts) if "specialists" in levers else base), parts

    def network(self, labels: str, parts: Partition, *, tau: float = 0.0, number: int = 0) -> Scored:
        """Give a network from scratch; `number` tells networks alike in all but their seed."""
        return self._once(("network", labels, parts, tau, number), lambda: self._network(labels, parts, tau, number))

    def trial_classes(self) -> Partition:
        """Merge the two neighbours whose merging keeps most of what A0's predictions tell."""
        confusion = confusion_matrix(
            self.panel.raw[self.train],
            self.network(RAW, self.finest).out_of_fold.argmax(axis=1),
            self.photos.n_stages,
        )
        fewer = [parts for parts in contiguous_partitions(self.photos.n_stages) if len(parts) == len(self.finest) - 1]
        return max(score_partitions(confusion, fewer), key=lambda scored: scored.bits).parts

    def equal_compute(self) -> Scored:
        """Give A0 and more networks like it, as many as the training of A0's specialists would have paid for."""
        labels = self.labels(RAW)
        pairs = self._pairs(self.network(RAW, self.finest), RAW, self.finest)
        passes = sum(len(self._pair_rows(pair, labels, np.arange(len(self.train)))) for pair in pairs)
        more = max(1, round(passes / len(self.train)))
        members = [self.network(RAW, self.finest, number=number) for number in range(1 + more)]
        alike = [1.0 / len(members)] * len(members)
        return Scored(
            lambda: log_linear_pool([member.out_of_fold for member in members], alike),
            lambda: log_linear_pool([member.test for member in members], alike),
            {"networks": len(members), "specialist_compute": passes / len(self.train)},
        )

    def proposed_classes(self, labels: str) -> Partition:
        """Merge the neighbours that neither a model nor the experts tell apart; usually none."""
        return self._once(("classes", labels), lambda: self._proposed(labels))

    def labels(self, name: str) -> Array:
        """Stages that the training photos are labelled with, (n_train,)."""
        return self._once(("labels", name), lambda: self._labels(name))

    def cost(self, levers: Levers, *, at_random: bool = False) -> Cost:
        """Count the opinions that an arm needs, in minutes."""
        reviewed = self.n_reviewed if "curation" in levers or at_random else 0
        blind = round(self.options.blind * len(self.train)) if "classes" in levers else 0
        return cost_of(len(self.train), reviewed + blind, self.options.seconds_per_opinion)

    def _once(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        if key not in self._made:
            self._made[key] = make()
        found: Made = self._made[key]
        return found

    def labels_of(self, levers: Levers) -> str:
        """Name the labels that an arm learns from."""
        if "curation" not in levers:
            return RAW
        return BY_ENSEMBLE if "algorithms" in levers else BY_NETWORK

    def _labels(self, name: str) -> Array:
        raw = self.panel.raw[self.train]
        if name == RAW:
            return raw
        if name == RANDOM:
            order = np.random.default_rng([self.seed, 67]).permutation(len(self.train))
        else:
            judge = self._base(RAW, self.finest, is_ensemble=name == BY_ENSEMBLE)
            order = np.argsort(self_confidence(judge.out_of_fold, raw), kind="stable")
        return reviewed_labels(self.panel, self.train[order[: self.n_reviewed]])[self.train]

    def _targets(self, labels: str, parts: Partition) -> Array:
        """One-hot classes for all photos of the set; rows outside the training photos stay 0."""
        targets = np.zeros((len(self.photos.truth), len(parts)), dtype=np.float32)
        targets[self.train, part_of(parts)[self.labels(labels)]] = 1.0
        return targets

    def _network(self, labels: str, parts: Partition, tau: float, number: int) -> Scored:
        targets = self._targets(labels, parts)

        def fit(rows: Array, asked: Array, salt: int) -> Array:
            return self._store.scores(
                "whole", self.photos.images, targets, rows, asked, tau=tau, seed=self._fit_seed(number, salt)
            )

        return self._out_of_fold_and_test(len(parts), fit)

    def _out_of_fold_and_test(self, n_classes: int, fit: Callable[[Array, Array, int], Array]) -> Scored:
        def out_of_fold() -> Array:
            scored = np.zeros((len(self.train), n_classes))
            for salt, (learn, judge) in enumerate(self.inner, start=1):
                scored[judge] = fit(self.train[learn], self.train[judge], salt)
            return scored

        return Scored(out_of_fold, lambda: fit(self.train, self.test, 0))

    def _base(self, labels: str, parts: Partition, *, is_ensemble: bool) -> Scored:
        if not is_ensemble:
            return self.network(labels, parts)
        return self._once(("ensemble", labels, parts), lambda: self._ensemble(labels, parts))

    def _ensemble(self, labels: str, parts: Partition) -> Scored:
        """A soft-ordinal network, a soft-ordinal head and CORN on frozen features, stacked out of fold."""
        targets = self._targets(labels, parts)
        X, tau = self.photos.features, self.options.tau

        def head(rows: Array, asked: Array, salt: int) -> Array:
            return fit_head(X[rows], targets[rows], tau=tau).predict_proba(X[asked])

        members = {
            "soft_ordinal_cnn": self.network(labels, parts, tau=tau),
            "linear_head": self._out_of_fold_and_test(len(parts), head),
        }
        if len(parts) > 2:
            members["corn"] = self._out_of_fold_and_test(
                len(parts), lambda rows, asked, salt: fit_corn(X[rows], targets[rows]).predict_proba(X[asked])
            )
        scored = list(members.values())
        weights = fit_stacking_weights([member.out_of_fold for member in scored], targets[self.train]).tolist()
        notes = {"stacking": {name: round(weight, 3) for name, weight in zip(members, weights, strict=True)}}
        return Scored(
            lambda: log_linear_pool([member.out_of_fold for member in scored], weights),
            lambda: log_linear_pool([member.test for member in scored], weights),
            notes,
        )

    def _proposed(self, labels: str) -> Partition:
        rows, rng = self.train, np.random.default_rng([self.seed, 71])
        blind = rng.permutation(len(rows))[: round(self.options.blind * len(rows))]
        said = self.panel.opinions[rows[blind]]
        n_experts = said.shape[1]
        opinions = Opinions(np.repeat(blind, n_experts), np.tile(np.arange(n_experts), len(blind)), said.ravel())
        table = pair_table(
            self.photos.features[rows], self.labels(labels), self.photos.groups[rows], self.photos.n_stages,
            opinions=opinions, random_state=self.seed,
        )  # fmt: skip
        merged = [(evidence.first, evidence.second) for evidence in table if judge_pair(evidence) == "merge"]
        return joined(self.photos.n_stages, merged)

    def _pairs(self, base: Scored, labels: str, parts: Partition) -> list[Pair]:
        classes = part_of(parts)[self.labels(labels)]
        return confused_pairs(base.out_of_fold, classes)[: self.options.most_pairs]

    def _with_specialists(self, base: Scored, labels: str, parts: Partition) -> Scored:
        classes = part_of(parts)[self.labels(labels)]
        pairs = self._pairs(base, labels, parts)
        groups = self.photos.groups[self.train]
        mixtures: list[Mixture] = []
        for pair in pairs:
            share = np.zeros(len(self.train))
            for salt, (learn, judge) in enumerate(self.inner, start=1):
                share[judge] = self._specialist(pair, labels, parts, learn, self.train[judge], salt)
            mixtures.append(fit_mixture(base.out_of_fold, share, classes, groups, pair))

        def test() -> Array:
            everyone = np.arange(len(self.train))
            shares = {
                mixture.pair: self._specialist(mixture.pair, labels, parts, everyone, self.test, 0)
                for mixture in mixtures
                if mixture.alpha > 0
            }
            return apply_mixtures(base.test, shares, mixtures)

        notes = {**base.notes, "pairs": [(*it.pair, it.alpha, round(it.gain, 4), it.n_gated) for it in mixtures]}
        # What is out of fold stays the base's: nothing is chosen from here on.
        return Scored(lambda: base.out_of_fold, test, notes)

    def _specialist(self, pair: Pair, labels: str, parts: Partition, learn: Array, asked: Array, salt: int) -> Array:
        """Probability (m,) of the first of a pair, by a network that learned only the pair and some of neither."""
        classes = part_of(parts)[self.labels(labels)]
        chosen = self._pair_rows(pair, classes, learn)
        if len(np.unique(classes[chosen][np.isin(classes[chosen], pair)])) < 2:
            return np.full(len(asked), 0.5)
        targets = np.zeros((len(self.photos.truth), 3), dtype=np.float32)
        answer = np.where(classes == pair[0], 0, np.where(classes == pair[1], 1, 2))
        targets[self.train, answer] = 1.0
        seed = self._fit_seed(100 + 10 * pair[0] + pair[1], salt)
        scored = self._store.scores("middle", self.photos.crops, targets, self.train[chosen], asked, tau=0.0, seed=seed)
        return scored[:, 0] / np.maximum(scored[:, :2].sum(axis=1), FLOOR)

    def _pair_rows(self, pair: Pair, classes: Array, learn: Array) -> Array:
        """Places of the pair among `learn`, and a quarter as many of other classes."""
        inside = np.isin(classes[learn], pair)
        rng = np.random.default_rng([self.seed, 73, *pair])
        others = rng.permutation(learn[~inside])[: round(_NEITHER_SHARE * inside.sum())]
        return np.sort(np.concatenate([learn[inside], others]))

    def _fit_seed(self, number: int, salt: int) -> int:
        return int(np.random.SeedSequence([self.seed, number, salt]).generate_state(1)[0])


def part_of(parts: Partition) -> Array:
    """Class of each stage, (K,)."""
    found = np.zeros(sum(len(part) for part in parts), dtype=np.int64)
    for place, part in enumerate(parts):
        found[list(part)] = place
    return found


def joined(n_stages: int, merged: Sequence[tuple[int, int]]) -> Partition:
    """Give the finest partition in which all of these neighbours are together."""
    parts: list[tuple[int, ...]] = []
    for stage in range(n_stages):
        if stage and (stage - 1, stage) in merged:
            parts[-1] = (*parts[-1], stage)
        else:
            parts.append((stage,))
    return tuple(parts)
