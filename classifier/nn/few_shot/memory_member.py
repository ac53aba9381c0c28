"""The memory-augmented network on fixed features, as a member of the ensemble."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Self

import keras
import numpy as np

from classifier.core.contracts import MEMORY, Array, TrainingConfig, TrainingData
from classifier.core.episodes import neighbouring_classes, rows_by_class, sample_sequence
from classifier.core.few_shot import ResidualEncoder, distribution, seen_stages
from classifier.core.pooling import softmax
from classifier.nn.feature_member import FeatureMember, FeatureRows
from classifier.nn.few_shot.episode_network import train_on_episodes
from classifier.nn.few_shot.memory import (
    LeastRecentlyUsedCell,
    build_memory_network,
    recall,
    with_past_labels,
)
from classifier.nn.members import MemberContext
from classifier.nn.registry import Unavailable

#: Length of the vectors that are remembered: principal components of the features.
DIMENSION = 32
#: Photos of a stage in a sequence, while it trains and while it answers.
N_EACH = 5
#: Labelled photos below which there are too few sequences to learn remembering from.
FEWEST_PHOTOS = 60
MOST_WAYS = 7
_RECALLS = 8
_SEQUENCES_A_STEP = 16
_RATE = 3e-3
_BLOCK = 512


@dataclasses.dataclass(frozen=True, slots=True)
class MemoryModel:
    """Labelled photos shown to a trained network, which then answers; the mean of several orders and label bindings.

    Args:
        encoder: Standardises features.
        axes: Principal axes (d, 32).
        weights: Of the network, as Keras lists them.
        vectors: Photos to show (n, 32).
        labels: Their stages (n,).
        seen: Stages with a photo, bool (K,).
        n_examples: Photos learned from.
    """

    encoder: ResidualEncoder
    axes: Array
    weights: list[Array]
    vectors: Array
    labels: Array
    seen: Array
    n_examples: int

    @property
    def n_stages(self) -> int:
        """Number of stages, K."""
        return len(self.seen)

    @property
    def n_way(self) -> int:
        """Labels of an episode."""
        return int(self.weights[-1].shape[0]) if self.weights else 1

    def embed(self, X: Array) -> Array:
        """Principal components, float32 (n, 32)."""
        return np.asarray(self.encoder.encode(X) @ self.axes, dtype=np.float32)

    def predict_proba(self, X: Array) -> Array:
        """Probabilities (n, K) for vectors (n, d)."""
        stages = np.flatnonzero(self.seen)
        logits = np.zeros((len(X), self.n_stages))
        if len(stages) > 1 and self.weights:
            vectors = self.embed(X)
            parts = [vectors[start : start + _BLOCK] for start in range(0, len(X), _BLOCK)]
            found = self._recalled(parts, stages)
            logits[:, stages] = np.log(np.maximum(found, 1e-6))
        return distribution(logits, self.seen, self.n_examples)

    def _recalled(self, parts: list[Array], stages: Array) -> Array:
        network = build_memory_network(DIMENSION, self.n_way, LeastRecentlyUsedCell())
        network.set_weights(self.weights)
        rng, rows = np.random.default_rng(0), rows_by_class(self.labels, self.n_stages)
        total = np.zeros((sum(map(len, parts)), len(stages)))
        for _ in range(_RECALLS):
            # Labels beyond those of this episode stay unused, as in training with fewer stages.
            order = rng.permutation(stages)
            chosen = [rng.permutation(rows[stage])[:N_EACH] for stage in order]
            labels = np.repeat(np.arange(len(order)), [len(drawn) for drawn in chosen])
            shuffled = rng.permutation(len(labels))
            shown, labels = np.concatenate(chosen)[shuffled], labels[shuffled]
            answers = [recall(network, self.vectors[shown], labels, part) for part in parts]
            probas = softmax(np.concatenate(answers).astype(np.float64)[:, : len(order)])
            total += probas[:, np.argsort(order)]
        return total / _RECALLS

    def to_arrays(self) -> dict[str, Array]:
        """Arrays for ``numpy.savez``."""
        own = {name: getattr(self, name) for name in ("axes", "vectors", "labels", "seen")}
        weights = {f"weight_{i}": weight for i, weight in enumerate(self.weights)}
        return {**self.encoder.to_arrays(), **own, **weights, "n_examples": np.array(self.n_examples)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        """Rebuild from `to_arrays`."""
        n_weights = sum(name.startswith("weight_") for name in arrays)
        return cls(
            ResidualEncoder.from_arrays(arrays),
            arrays["axes"],
            [arrays[f"weight_{i}"] for i in range(n_weights)],
            arrays["vectors"],
            arrays["labels"],
            arrays["seen"],
            int(arrays["n_examples"]),
        )


class MemoryAugmented(FeatureMember):
    """Learns to remember which label of this episode goes with which kind of photo, on episodes of the project's own.

    Up to seven stages; with more, or with few photos, it is left out.

    References:
        Santoro et al., "Meta-Learning with Memory-Augmented Neural Networks", ICML 2016.
    """

    name = MEMORY
    model_class = MemoryModel
    rows_per_second = 2.0
    #: Optimiser steps of a fit; what it learns comes late and suddenly, about half-way.
    steps: ClassVar[int] = 2500

    @classmethod
    def check_fits(cls, data: TrainingData) -> None:
        stages = data.targets[~np.asarray(data.is_held_out, dtype=bool)].argmax(axis=1)
        counts = np.bincount(stages, minlength=data.n_stages)
        if data.n_stages > MOST_WAYS:
            raise Unavailable(f"it tells up to {MOST_WAYS} stages apart, not {data.n_stages}")
        if len(stages) < FEWEST_PHOTOS or (counts >= 2 * N_EACH).sum() < 2:
            raise Unavailable(
                f"learning to remember takes {FEWEST_PHOTOS} labelled photos, {2 * N_EACH} of each of two stages; "
                f"there are {len(stages)} ({', '.join(map(str, counts))} by stage)"
            )

    def _learn(
        self, rows: FeatureRows, config: TrainingConfig, context: MemberContext, *, random_state: int
    ) -> MemoryModel:
        encoder = ResidualEncoder.standardising(rows.X)
        axes = _principal_axes(encoder.encode(rows.X))
        vectors = np.asarray(encoder.encode(rows.X) @ axes, dtype=np.float32)
        stages = rows.targets.argmax(axis=1)
        usable = np.flatnonzero(np.bincount(stages, minlength=rows.targets.shape[1]) >= 2)
        weights: list[Array] = []
        if len(usable) > 1:
            weights = self._remembering(vectors, stages, usable, rows, context, random_state)
        seen = seen_stages(np.eye(rows.targets.shape[1])[stages])
        return MemoryModel(encoder, axes, weights, vectors, stages, seen, len(rows.X))

    def _remembering(
        self,
        vectors: Array,
        stages: Array,
        usable: Array,
        rows: FeatureRows,
        context: MemberContext,
        random_state: int,
    ) -> list[Array]:
        """Weights of a network trained on sequences of some stages each."""
        keras.utils.set_random_seed(random_state)
        rng = np.random.default_rng(random_state)
        n_way = rows.targets.shape[1]
        by_stage = rows_by_class(stages, n_way)
        n_each = min(N_EACH, min(len(by_stage[stage]) for stage in usable))
        network = build_memory_network(DIMENSION, n_way)

        def next_batch(step: int) -> tuple[Array, Array]:
            n_chosen = int(rng.integers(2, len(usable) + 1))
            drawn = [
                sample_sequence(
                    by_stage,
                    neighbouring_classes(usable, n_chosen, is_ordered=rows.is_ordered, rng=rng),
                    n_each=n_each,
                    rng=rng,
                )
                for _ in range(_SEQUENCES_A_STEP)
            ]
            shown, labels = (np.stack(part) for part in zip(*drawn, strict=True))
            return with_past_labels(vectors[shown], labels, n_way), labels

        def on_step(done: int, figures: dict[str, Any]) -> None:
            if done % 50 == 0:
                context.report(done / self.steps, f"{self.name}: step {done}/{self.steps}", None)

        train_on_episodes(
            network,
            next_batch,
            steps=self.steps,
            learning_rate=_RATE,
            on_step=on_step,
            should_stop=context.should_stop,
        )
        return [np.asarray(weight) for weight in network.get_weights()]


def _principal_axes(vectors: Array) -> Array:
    """Axes (d, 32) of most variance, scaled so that the components' variances sum to 32; 0 where there are no more."""
    centred = vectors - vectors.mean(axis=0)
    _, spread, axes = np.linalg.svd(centred, full_matrices=False)
    found = np.zeros((vectors.shape[1], DIMENSION), dtype=np.float32)
    n = min(DIMENSION, len(axes))
    found[:, :n] = axes[:n].T
    power = float((spread[:n] ** 2).sum()) / max(1, len(vectors))
    return found * np.float32(np.sqrt(DIMENSION / power)) if power > 1e-12 else found
