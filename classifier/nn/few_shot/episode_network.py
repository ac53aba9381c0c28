"""An encoder and a comparer trained together, episode by episode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from classifier.core.contracts import Array, TrainingStopped
from classifier.core.episodes import Episode
from classifier.nn.few_shot.comparers import Comparer
from classifier.nn.trainer import learning_rate_at

SUPPORT, QUERIES = "support", "queries"


class EpisodeNetwork(keras.Model):
    """Logits of queries given a support set.

    Batch normalisation uses the statistics of the whole episode while it trains and its fixed averages afterwards:
    otherwise support and queries would tell each other what the classes are.

    Args:
        encoder: Pictures or vectors (batch, *shape) to (batch, e).
        comparer: How encoded queries are compared with the encoded support.
        n_way, k_shot: Of the episodes; the support is sorted by class.

    Call arguments: a mapping with `support` (batch, n_way * k_shot, *shape) and `queries` (batch, m, *shape). Returns
    logits (batch, m, n_way).
    """

    def __init__(self, encoder: keras.Model, comparer: Comparer, *, n_way: int, k_shot: int) -> None:
        super().__init__()
        self.encoder, self.comparer = encoder, comparer
        self.n_way, self.k_shot = n_way, k_shot

    def call(self, inputs: dict[str, Any], training: bool | None = None) -> Any:  # noqa: FBT001 - Keras's signature
        n_support, n_queries = inputs[SUPPORT].shape[1], inputs[QUERIES].shape[1]
        pictures = ops.concatenate([inputs[SUPPORT], inputs[QUERIES]], axis=1)
        vectors = self.encoder(ops.reshape(pictures, (-1, *pictures.shape[2:])), training=training)
        vectors = ops.reshape(vectors, (-1, n_support + n_queries, vectors.shape[-1]))
        support = ops.reshape(vectors[:, :n_support], (-1, self.n_way, self.k_shot, vectors.shape[-1]))
        return self.comparer(support, vectors[:, n_support:])


def episode_batch(episodes: list[Episode], X: Array) -> tuple[dict[str, Array], Array]:
    """Gather episodes of one size as a batch.

    Args:
        episodes: Rows of `X`.
        X: Pictures or vectors (n, *shape), any number type; becomes float32.

    Returns:
        Inputs of `EpisodeNetwork` and the labels of the queries, int (batch, m).
    """
    support = np.stack([X[episode.support_idx.ravel()] for episode in episodes]).astype(np.float32)
    queries = np.stack([X[episode.query_idx.ravel()] for episode in episodes]).astype(np.float32)
    labels = np.stack([episode.query_labels for episode in episodes])
    return {SUPPORT: support, QUERIES: queries}, labels


def train_on_episodes(
    network: keras.Model,
    next_batch: Callable[[int], tuple[Any, Array]],
    *,
    steps: int,
    learning_rate: float = 1e-3,
    weight_decay: float = 0.0,
    on_step: Callable[[int, dict[str, float]], None] = lambda step, figures: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Fit a network that gives logits over episode labels.

    Adam (AdamW with a weight decay) under a short warm-up and a cosine; loss and accuracy are running means that
    `on_step` may reset by ``network.reset_metrics()``.

    Args:
        network: Inputs to logits (batch, m, n_way).
        next_batch: Step to (inputs, labels (batch, m)).
        steps: How many.
        learning_rate: At its peak.
        weight_decay: Decoupled.
        on_step: Called with the steps done and the running figures.
        should_stop: Asked before every step.

    Raises:
        TrainingStopped: `should_stop` answered true.
    """
    network.compile(
        keras.optimizers.AdamW(learning_rate, weight_decay=weight_decay),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        jit_compile=False,
    )
    for step in range(steps):
        if should_stop():
            raise TrainingStopped
        inputs, labels = next_batch(step)
        if step > 0:  # the optimiser's variables exist once the first batch has shown the shapes
            network.optimizer.learning_rate.assign(learning_rate_at(step, steps, learning_rate))
        figures = network.train_on_batch(inputs, labels, return_dict=True)
        on_step(step + 1, {name: float(value) for name, value in figures.items()})
