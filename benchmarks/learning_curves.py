"""How accuracy grows with labels when an acquisition function picks them: the loop of the studies."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from sklearn.isotonic import isotonic_regression

from benchmarks.feature_sets import FeatureSet
from classifier.core.acquisition import ACQUISITIONS, Pool
from classifier.core.batches import cold_start_labels, compose
from classifier.core.heads import Head, fit_head
from classifier.core.recipe import Recipe
from classifier.core.splits import grouped_folds

TEST_FOLDS = 4
N_MEMBERS = 3


@dataclass
class Round:
    """What a strategy may look at when it picks: all of the pool, its labels only where ``is_labelled``."""

    X: np.ndarray
    y: np.ndarray
    groups: np.ndarray
    is_labelled: np.ndarray
    n_stages: int
    is_ordered: bool
    head: Head | None
    seed: int

    def pool(self) -> Pool:
        """The pool in the words of the acquisition functions."""
        has_head = self.head is not None
        return Pool(
            self.X,
            is_labelled=self.is_labelled,
            groups=self.groups,
            probas=self.head.predict_proba(self.X) if self.head else None,
            member_probas=self._members() if has_head else None,
            predict_proba=self.head.predict_proba if self.head else None,
            is_ordered=self.is_ordered,
        )

    def _members(self) -> np.ndarray:
        """Heads of bootstrap samples of the labelled photos."""
        rows = np.flatnonzero(self.is_labelled)
        rng = np.random.default_rng(self.seed)
        draws = [rng.choice(rows, len(rows)) for _ in range(N_MEMBERS)]
        return np.stack([_fitted(self, draw).predict_proba(self.X) for draw in draws])


Picker = Callable[[Round, int], Sequence[int]]


@dataclass
class Strategy:
    """A picker and the CPU seconds of its choices.

    ``starts_alone`` says that it can pick before there is a head; the others begin with a random batch.
    """

    name: str
    pick: Picker
    starts_alone: bool = False
    seconds: list[float] = field(default_factory=list)


def acquisition(name: str) -> Strategy:
    """One of our functions alone; the ensemble is only fitted for the one that needs it."""
    function = ACQUISITIONS[name]

    def pick(now: Round, n: int) -> Sequence[int]:
        pool = now.pool() if "member_probas" in function.needs else _without_members(now)
        return [choice.index for choice in function.select(pool, n, random_state=now.seed)]

    return Strategy(name, pick, starts_alone="probas" not in function.needs and "member_probas" not in function.needs)


def random_strategy() -> Strategy:
    """Drawn evenly."""

    def pick(now: Round, n: int) -> Sequence[int]:
        rows = np.flatnonzero(~now.is_labelled)
        return np.random.default_rng(now.seed).permutation(rows)[:n].tolist()

    return Strategy("random", pick, starts_alone=True)


def recipe_strategy(name: str, recipe: Recipe) -> Strategy:
    """The product: cold start, then the recipe with its random share and its cap on hard photos."""

    def pick(now: Round, n: int) -> Sequence[int]:
        pool = _without_members(now)
        if now.is_labelled.sum() < cold_start_labels(len(now.X), now.n_stages):
            pool = Pool(now.X, is_labelled=now.is_labelled, groups=now.groups, is_ordered=now.is_ordered)
        return [choice.index for choice in compose(pool, recipe, n, random_state=now.seed)]

    return Strategy(name, pick, starts_alone=True)


def _without_members(now: Round) -> Pool:
    probas = now.head.predict_proba(now.X) if now.head else None
    return Pool(
        now.X,
        is_labelled=now.is_labelled,
        groups=now.groups,
        probas=probas,
        predict_proba=now.head.predict_proba if now.head else None,
        is_ordered=now.is_ordered,
    )


def _fitted(now: Round, rows: np.ndarray) -> Head:
    return head_of(now.X[rows], now.y[rows], now.n_stages, is_ordered=now.is_ordered)


def head_of(X: np.ndarray, y: np.ndarray, n_stages: int, *, is_ordered: bool) -> Head:
    """The product's light head at its default strength; 60 iterations cost no accuracy."""
    return fit_head(X, np.eye(n_stages, dtype=np.float32)[y], is_ordered=is_ordered, max_iterations=60)


def split(photos: FeatureSet, seed: int) -> np.ndarray:
    """Mask of the test photos: a quarter, whole groups."""
    return grouped_folds(photos.y, photos.groups, n_folds=TEST_FOLDS, random_state=seed) == 0


def full_pool_accuracy(photos: FeatureSet, seed: int) -> float:
    """Accuracy on the test photos when every photo of the pool is labelled."""
    test = split(photos, seed)
    head = head_of(photos.X[~test], photos.y[~test], photos.n_stages, is_ordered=photos.is_ordered)
    return float((head.predict_proba(photos.X[test]).argmax(axis=1) == photos.y[test]).mean())


def learning_curve(photos: FeatureSet, strategy: Strategy, sizes: Sequence[int], seed: int) -> np.ndarray:
    """Accuracy on the test photos at each number of labels of ``sizes``, shape (len(sizes),)."""
    test = split(photos, seed)
    n_pool = int((~test).sum())
    now = Round(
        photos.X[~test], photos.y[~test], photos.groups[~test], np.zeros(n_pool, bool), photos.n_stages,
        photos.is_ordered, None, seed,
    )  # fmt: skip
    first = random_strategy()
    accuracies = []
    for number, size in enumerate(sizes):
        wanted = min(size, n_pool) - int(now.is_labelled.sum())
        now.seed = seed * 1000 + number
        if wanted > 0:
            picker = strategy if now.head is not None or strategy.starts_alone else first
            started = time.process_time()
            rows = np.asarray(picker.pick(now, wanted), dtype=np.int64)
            picker.seconds.append(time.process_time() - started)
            assert len(np.unique(rows)) == wanted
            assert not now.is_labelled[rows].any()
            now.is_labelled[rows] = True
        now.head = _fitted(now, np.flatnonzero(now.is_labelled))
        named = now.head.predict_proba(photos.X[test]).argmax(axis=1)
        accuracies.append(float((named == photos.y[test]).mean()))
    return np.array(accuracies)


def sizes_up_to(n_pool: int, batch: int, growth: float) -> list[int]:
    """Numbers of labels at which the head is fitted again: steps of ``batch``, or of ``growth`` times the labels."""
    sizes = [batch]
    while sizes[-1] < n_pool:
        sizes.append(min(n_pool, sizes[-1] + max(batch, round(sizes[-1] * growth))))
    return sizes


def labels_to(sizes: Sequence[int], gaps: np.ndarray, target: float) -> float:
    """Labels at which the mean curve first reaches ``target``, between sizes by straight lines.

    The mean is made to rise (isotonic regression) first, so that one lucky point on a flat stretch does not count as
    having arrived; infinite when it never arrives.

    Args:
        sizes: numbers of labels, rising.
        gaps: accuracy less that of the full pool, ``(n_seeds, len(sizes))``.
        target: such as -0.01.
    """
    rising = isotonic_regression(gaps.mean(axis=0))
    reached = np.flatnonzero(rising >= target - 1e-12)
    if not len(reached):
        return float("inf")
    first = int(reached[0])
    if first == 0:
        return float(sizes[0])
    low, high = rising[first - 1], rising[first]
    return float(sizes[first - 1] + (sizes[first] - sizes[first - 1]) * (target - low) / (high - low))


def labels_ratio(
    sizes: Sequence[int], gaps: np.ndarray, other_gaps: np.ndarray, target: float, *, n_resamples: int = 1000
) -> tuple[float, float, float]:
    """Labels needed over labels that another needs, with a 95 % interval over seeds (drawn again in pairs)."""
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(gaps), (n_resamples, len(gaps)))
    ratios = [labels_to(sizes, gaps[d], target) / labels_to(sizes, other_gaps[d], target) for d in draws]
    low, high = np.quantile(ratios, [0.025, 0.975])
    return labels_to(sizes, gaps, target) / labels_to(sizes, other_gaps, target), float(low), float(high)
