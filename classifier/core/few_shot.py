"""Classifiers that compare a photo's vector with labelled examples; good from the first label of a stage on.

They are what the networks of ``classifier.nn.few_shot`` come to once trained: plain arrays, so that a prediction is a
few matrix products and the same on every backend. Each has one number that says how sharply similarity turns into
probability; `fit_scale` chooses it by leaving whole groups out, which few labels allow.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Self

import numpy as np
from scipy.spatial.distance import cdist

from classifier.core.contracts import Array
from classifier.core.pooling import softmax

#: Scales tried by `fit_scale`, in units of each model's own default.
SCALES = tuple(np.geomspace(1 / 16, 16, 17))
#: A stage counts as seen from half a vote on: below, it is only another stage's doubt.
_SEEN_VOTES = 0.5
_BLOCK = 1024
_PRIOR_ROWS = 10.0
FAR = -1e9


@dataclasses.dataclass(frozen=True, slots=True)
class ResidualEncoder:
    """Standardises vectors and adds what a low-rank layer has learned: z + z A B, over the root of d.

    With `up` at 0 it is plain standardisation, so what was not trained does no harm. Squared distances of unrelated
    vectors are about 2.

    Parameters
    ----------
    mean, scale : ndarray of shape (d,)
    down : ndarray of shape (d, r)
        A.
    up : ndarray of shape (r, d)
        B.
    """

    mean: Array
    scale: Array
    down: Array
    up: Array

    @classmethod
    def standardising(cls, X: Array, rank: int = 0) -> Self:
        """Fit the standardisation only.

        A variance known from few rows is drawn to the mean variance of all features, as though `_PRIOR_ROWS` more
        rows had shown that one: three photos say next to nothing about how much each feature moves.
        """
        X = np.asarray(X, dtype=np.float32)
        n, variance = len(X), X.var(axis=0)
        drawn = (n * variance + _PRIOR_ROWS * variance.mean()) / (n + _PRIOR_ROWS)
        # A feature that never moves carries nothing; dividing by one keeps it harmless on new photos.
        scale = np.where(drawn > 1e-12, np.sqrt(drawn), 1.0).astype(np.float32)
        d = X.shape[1]
        return cls(X.mean(axis=0), scale, np.zeros((d, rank), np.float32), np.zeros((rank, d), np.float32))

    def standardise(self, X: Array) -> Array:
        """Give z, float32 (n, d), of vectors (n, d)."""
        if X.shape[1] != len(self.mean):
            raise ValueError(f"vectors have {X.shape[1]} numbers, {len(self.mean)} were learned from")
        return (np.asarray(X, dtype=np.float32) - self.mean) / self.scale

    def encode(self, X: Array) -> Array:
        """Encode vectors (n, d) as float32 (n, d)."""
        z = self.standardise(X)
        return (z + z @ self.down @ self.up) / np.float32(np.sqrt(z.shape[1]))

    def to_arrays(self) -> dict[str, Array]:
        """Arrays for ``numpy.savez``."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        """Rebuild from `to_arrays`; other keys are passed over."""
        return cls(**{field.name: arrays[field.name] for field in dataclasses.fields(cls)})


@dataclasses.dataclass(frozen=True, slots=True)
class Examples:
    """Encoded photos and what is known of them.

    Parameters
    ----------
    vectors : ndarray of shape (n, e)
    targets : ndarray of shape (n, K)
        Label distributions.
    groups : ndarray of shape (n,)
        Photos of a group are left out together when a scale is chosen.
    """

    vectors: Array
    targets: Array
    groups: Array


def seen_stages(targets: Array) -> Array:
    """Tell which stages have votes enough to be compared with, bool (K,); at least one has."""
    votes = np.asarray(targets, dtype=np.float64).sum(axis=0)
    return votes >= min(_SEEN_VOTES, float(votes.max()))


def distribution(logits: Array, seen: Array, n_examples: int) -> Array:
    """Turn logits into probabilities that leave room for stages without an example.

    Each of those gets 1 / (n + K), Laplace's rule of succession; the softmax shares the rest.

    Parameters
    ----------
    logits : ndarray of shape (m, K)
        Those of unseen stages are ignored.
    seen : ndarray of shape (K,), bool
    n_examples : int

    Returns
    -------
    ndarray of shape (m, K), float64
    """
    k = len(seen)
    unseen_each = 1.0 / (n_examples + k)
    probas = softmax(np.where(seen, np.asarray(logits, dtype=np.float64), FAR))
    return np.where(seen, probas * (1.0 - unseen_each * (k - int(seen.sum()))), unseen_each)


def fit_scale(loss: Callable[[float], float], default: float) -> float:
    """Choose the scale with the least loss among `SCALES` times the default; the default when the loss is NaN."""
    losses = np.array([loss(default * factor) for factor in SCALES])
    return default if np.isnan(losses).any() else float(default * SCALES[int(losses.argmin())])


def mean_log_loss(logits: Array, targets: Array) -> float:
    """Cross-entropy of logits (n, K) in nats; stages at `FAR` and photos of none of the others do not count."""
    known = logits > FAR / 2
    judged = (np.asarray(targets) * known).sum(axis=1) > 0.5
    if not judged.any():
        return float("nan")
    probas = softmax(logits[judged])
    return float(-(targets[judged] * np.log(np.clip(probas, 1e-12, None)) * known[judged]).sum(axis=1).mean())


def class_means(examples: Examples) -> Array:
    """Mean vector of each stage, weighted by its votes: (K, e), 0 for a stage without any."""
    votes = examples.targets.sum(axis=0)
    return (examples.targets.T @ examples.vectors) / np.maximum(votes, 1e-9)[:, None]


def similarities_to_means(vectors: Array, means: Array) -> Array:
    """Negative squared Euclidean distances (m, K)."""
    return -cdist(vectors, means, "sqeuclidean")


def similarities_without_own_group(examples: Examples) -> Array:
    """As `similarities_to_means`, with each photo's group kept out of the means; (n, K), `FAR` where none is left."""
    order = np.unique(np.asarray(examples.groups).astype(str), return_inverse=True)[1]
    sums, votes = examples.targets.T @ examples.vectors, examples.targets.sum(axis=0)
    found = np.empty(examples.targets.shape)
    for group in range(int(order.max()) + 1):
        rows = np.flatnonzero(order == group)
        own = examples.targets[rows]
        left = votes - own.sum(axis=0)
        means = (sums - own.T @ examples.vectors[rows]) / np.maximum(left, 1e-9)[:, None]
        found[rows] = np.where(left >= _SEEN_VOTES, similarities_to_means(examples.vectors[rows], means), FAR)
    return found


def attention(logits: Array, targets: Array, seen: Array) -> Array:
    """Sum attention over examples by stage, as though every stage had equally many.

    Parameters
    ----------
    logits : ndarray of shape (m, n)
        Similarity to each example, scaled; `FAR` for one that must not be looked at.
    targets : ndarray of shape (n, K)
    seen : ndarray of shape (K,), bool

    Returns
    -------
    ndarray of shape (m, K)
        Logarithms of the attention a stage gets; `FAR` where there is none.
    """
    votes = np.maximum(targets.sum(axis=0), 1e-9)
    peak = logits.max(axis=1, keepdims=True)
    weights = np.exp(logits - peak) * (logits > FAR / 2)
    by_stage = weights @ np.where(seen, targets / votes, 0.0)
    return np.where(by_stage > 0, np.log(np.maximum(by_stage, 1e-300)), FAR)


def evenly_chosen(targets: Array, per_stage: int, random_state: int) -> Array:
    """Choose rows to keep as examples: at most `per_stage` of each most voted stage, ascending."""
    rng = np.random.default_rng(random_state)
    stages = np.asarray(targets).argmax(axis=1)
    kept = [rng.permutation(np.flatnonzero(stages == stage))[:per_stage] for stage in range(targets.shape[1])]
    return np.sort(np.concatenate(kept))


def same_group(groups: Array) -> Array:
    """Tell which pairs of rows are of one group: bool (n, n)."""
    index = np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]
    return index[:, None] == index[None, :]


def in_blocks(vectors: Array, score: Callable[[Array], Array], k: int) -> Array:
    """Apply `score` to some rows at a time, so that memory stays flat: (m, k)."""
    parts = [score(vectors[start : start + _BLOCK]) for start in range(0, len(vectors), _BLOCK)]
    return np.concatenate(parts) if parts else np.zeros((0, k))
