"""Prototypes, attention and pairs as fitted models on vectors; see ``classifier.core.few_shot`` for what they share."""

from __future__ import annotations

import dataclasses
from typing import Self

import numpy as np
from scipy.spatial.distance import cdist

from classifier.core.contracts import Array
from classifier.core.few_shot import (
    FAR,
    Examples,
    ResidualEncoder,
    attention,
    class_means,
    distribution,
    evenly_chosen,
    fit_scale,
    in_blocks,
    mean_log_loss,
    same_group,
    seen_stages,
    similarities_to_means,
    similarities_without_own_group,
)

#: Most examples of a stage that attention and pairs keep; more change little and cost memory and time.
PER_STAGE = 60
_PROTOTYPE_SCALE, _ATTENTION_SCALE, _PAIR_SCALE = 2.0, 4.0, 0.5


@dataclasses.dataclass(frozen=True, slots=True)
class PrototypeModel:
    """Softmax over negative squared distances to the mean of each stage.

    Parameters
    ----------
    encoder : ResidualEncoder
    means : ndarray of shape (K, d)
    seen : ndarray of shape (K,), bool
    n_examples : int
    scale : float
        What distances are multiplied by.

    References
    ----------
    .. [1] Snell et al., "Prototypical Networks for Few-shot Learning", NeurIPS 2017.
    """

    encoder: ResidualEncoder
    means: Array
    seen: Array
    n_examples: int
    scale: float

    @classmethod
    def fit(
        cls, encoder: ResidualEncoder, X: Array, targets: Array, groups: Array, *, scale: float | None = None
    ) -> Self:
        """Take the means of vectors (n, d) with label distributions (n, K); without a scale, fit it."""
        examples = Examples(encoder.encode(X), np.asarray(targets, dtype=np.float64), groups)
        if scale is None:
            apart = similarities_without_own_group(examples)
            scale = fit_scale(
                lambda scale: mean_log_loss(np.where(apart > FAR / 2, scale * apart, FAR), examples.targets),
                _PROTOTYPE_SCALE,
            )
        return cls(encoder, class_means(examples), seen_stages(targets), len(X), scale)

    @property
    def n_stages(self) -> int:
        """Number of stages, K."""
        return len(self.means)

    def predict_proba(self, X: Array) -> Array:
        """Probabilities (m, K) for vectors (m, d)."""
        logits = self.scale * similarities_to_means(self.encoder.encode(X), self.means)
        return distribution(logits, self.seen, self.n_examples)

    def embed(self, X: Array) -> Array:
        """Encoded vectors, float32 (m, d)."""
        return self.encoder.encode(X)

    def to_arrays(self) -> dict[str, Array]:
        """Arrays for ``numpy.savez``."""
        numbers = np.array([self.n_examples, self.scale])
        return {**self.encoder.to_arrays(), "means": self.means, "seen": self.seen, "numbers": numbers}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        """Rebuild from `to_arrays`."""
        n_examples, scale = arrays["numbers"]
        encoder = ResidualEncoder.from_arrays(arrays)
        return cls(encoder, arrays["means"], arrays["seen"], int(n_examples), float(scale))


@dataclasses.dataclass(frozen=True, slots=True)
class AttentionModel:
    """Attention by cosine to labelled examples, each stage weighted as though it had equally many.

    Parameters
    ----------
    encoder : ResidualEncoder
    examples : ndarray of shape (n, d)
        Encoded, of length one.
    targets : ndarray of shape (n, K)
    scale : float
        What the cosine is multiplied by.

    References
    ----------
    .. [1] Vinyals et al., "Matching Networks for One Shot Learning", NeurIPS 2016.
    """

    encoder: ResidualEncoder
    examples: Array
    targets: Array
    scale: float

    @classmethod
    def fit(
        cls,
        encoder: ResidualEncoder,
        X: Array,
        targets: Array,
        groups: Array,
        *,
        scale: float | None = None,
        random_state: int = 0,
    ) -> Self:
        """Keep examples of vectors (n, d) with label distributions (n, K); without a scale, fit it."""
        rows = evenly_chosen(targets, PER_STAGE, random_state)
        kept = np.asarray(targets, dtype=np.float64)[rows]
        vectors = _unit(encoder.encode(np.asarray(X)[rows]))
        if scale is None:
            own, cosine, seen = same_group(np.asarray(groups)[rows]), vectors @ vectors.T, seen_stages(kept)
            scale = fit_scale(
                lambda scale: mean_log_loss(attention(np.where(own, FAR, scale * cosine), kept, seen), kept),
                _ATTENTION_SCALE,
            )
        return cls(encoder, vectors, kept, scale)

    @property
    def n_stages(self) -> int:
        """Number of stages, K."""
        return int(self.targets.shape[1])

    def predict_proba(self, X: Array) -> Array:
        """Probabilities (m, K) for vectors (m, d)."""
        seen = seen_stages(self.targets)

        def score(vectors: Array) -> Array:
            return attention(self.scale * (_unit(vectors) @ self.examples.T), self.targets, seen)

        logits = in_blocks(self.encoder.encode(X), score, self.n_stages)
        return distribution(logits, seen, len(self.examples))

    def embed(self, X: Array) -> Array:
        """Encoded vectors of length one, float32 (m, d)."""
        return _unit(self.encoder.encode(X))

    def to_arrays(self) -> dict[str, Array]:
        """Arrays for ``numpy.savez``."""
        own = {"examples": self.examples, "targets": self.targets, "numbers": np.array([self.scale])}
        return {**self.encoder.to_arrays(), **own}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        """Rebuild from `to_arrays`."""
        encoder = ResidualEncoder.from_arrays(arrays)
        return cls(encoder, arrays["examples"], arrays["targets"], float(arrays["numbers"][0]))


@dataclasses.dataclass(frozen=True, slots=True)
class PairModel:
    """Whether two photos show the same stage, asked about every example of a stage and averaged.

    The log-odds that a and b are the same are ``bias + weights . |a - b|``, symmetric in a and b.

    Parameters
    ----------
    encoder : ResidualEncoder or None
        None when the vectors come encoded, from a convolutional twin.
    weights : ndarray of shape (e,)
        Of the absolute differences, of either sign.
    bias : float
    examples : ndarray of shape (n, e)
        Encoded.
    targets : ndarray of shape (n, K)
    scale : float
        What a stage's mean log-odds are multiplied by.

    References
    ----------
    .. [1] Koch, Zemel, Salakhutdinov, "Siamese Neural Networks for One-shot Image Recognition", ICML DL Workshop 2015.
    """

    encoder: ResidualEncoder | None
    weights: Array
    bias: float
    examples: Array
    targets: Array
    scale: float

    @classmethod
    def fit(
        cls,
        encoder: ResidualEncoder | None,
        weights: Array,
        bias: float,
        X: Array,
        targets: Array,
        groups: Array,
        *,
        scale: float | None = None,
        random_state: int = 0,
    ) -> Self:
        """Keep examples of vectors (n, d) with label distributions (n, K); without a scale, fit it."""
        rows = evenly_chosen(targets, PER_STAGE, random_state)
        kept = np.asarray(targets, dtype=np.float64)[rows]
        vectors = np.asarray(X, dtype=np.float32)[rows]
        vectors = vectors if encoder is None else encoder.encode(vectors)
        draft = cls(encoder, weights, bias, vectors, kept, _PAIR_SCALE if scale is None else scale)
        if scale is not None:
            return draft
        odds, apart = draft.log_odds(vectors), ~same_group(np.asarray(groups)[rows])
        logits = _mean_by_stage(odds, apart, kept)
        found = fit_scale(
            lambda scale: mean_log_loss(np.where(logits > FAR / 2, scale * logits, FAR), kept), _PAIR_SCALE
        )
        return dataclasses.replace(draft, scale=found)

    @property
    def n_stages(self) -> int:
        """Number of stages, K."""
        return int(self.targets.shape[1])

    def log_odds(self, vectors: Array) -> Array:
        """Log-odds (m, n) that encoded vectors (m, e) and each example show the same stage."""
        # A signed weighted L1 distance as two city-block distances: no (m, n, e) array of differences.
        found = np.full((len(vectors), len(self.examples)), float(self.bias))
        for sign in (1.0, -1.0):
            part = np.maximum(sign * self.weights, 0.0)
            used = part > 0
            if used.any():
                found += sign * cdist(vectors[:, used] * part[used], self.examples[:, used] * part[used], "cityblock")
        return found

    def predict_proba(self, X: Array) -> Array:
        """Probabilities (m, K) for vectors (m, d), or encoded ones (m, e) without an encoder."""
        seen = seen_stages(self.targets)

        def score(vectors: Array) -> Array:
            odds = self.log_odds(vectors)
            return self.scale * _mean_by_stage(odds, np.ones(odds.shape, bool), self.targets)

        return distribution(in_blocks(self.embed(X), score, self.n_stages), seen, len(self.examples))

    def embed(self, X: Array) -> Array:
        """Encoded vectors, float32 (m, e)."""
        return np.asarray(X, dtype=np.float32) if self.encoder is None else self.encoder.encode(X)

    def to_arrays(self) -> dict[str, Array]:
        """Arrays for ``numpy.savez``."""
        encoder = {} if self.encoder is None else self.encoder.to_arrays()
        numbers = np.array([self.bias, self.scale])
        own = {"weights": self.weights, "examples": self.examples, "targets": self.targets, "numbers": numbers}
        return {**encoder, **own}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        """Rebuild from `to_arrays`."""
        encoder = ResidualEncoder.from_arrays(arrays) if "down" in arrays else None
        bias, scale = arrays["numbers"]
        return cls(encoder, arrays["weights"], float(bias), arrays["examples"], arrays["targets"], float(scale))


def _mean_by_stage(odds: Array, allowed: Array, targets: Array) -> Array:
    """Mean log-odds over the allowed examples of each stage: (m, K), `FAR` where there is none."""
    votes = allowed @ targets
    sums = (odds * allowed) @ targets
    return np.where(votes > 1e-3, sums / np.maximum(votes, 1e-9), FAR)


def _unit(vectors: Array) -> Array:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
