"""A start for the scratch network from unlabelled photos: two views of a photo are to be told from views of others.

SimCLR, and VICReg, which needs no photos to tell from, on `build_cnn` up to its pooled layer. Views keep their colour,
for colour is the signal of flowering: a crop, a mirror, brightness and contrast, and hue by no more than 2 %.

References:
    Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", ICML 2020.
    Bardes et al., "VICReg: Variance-Invariance-Covariance Regularization for Self-Supervised Learning", ICLR 2022.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from classifier.nn.cnn import POOLED, build_cnn
from classifier.nn.input_pipeline import Augmentation
from classifier.nn.trainer import learning_rate_at

VIEWS = Augmentation(smallest_crop=0.4, brightness=0.3, contrast=0.4, channel_gain=0.02)
PROJECTION = 128
Loss = Callable[[Any, Any], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Start:
    """How a start is learned.

    Args:
        loss: `simclr` or `vicreg`.
        steps: Of the optimiser.
        batch: Photos a step; each is seen twice.
        rate: Learning rate at its peak.
    """

    loss: Loss
    steps: int = 400
    batch: int = 64
    rate: float = 2e-3


def simclr(a: Any, b: Any, temperature: float = 0.2) -> Any:
    """Cross-entropy of finding the other view (n, d) of each photo among all views, by cosine."""
    n = a.shape[0]
    z = ops.normalize(ops.concatenate([a, b]), axis=-1)
    alike = ops.matmul(z, ops.transpose(z)) / temperature - 1e9 * ops.eye(2 * n)
    other = ops.concatenate([ops.arange(n, 2 * n), ops.arange(n)])
    return ops.mean(keras.losses.sparse_categorical_crossentropy(other, alike, from_logits=True))


def vicreg(a: Any, b: Any) -> Any:
    """Views (n, d) of a photo alike, every direction of spread at least 1, no two directions the same."""
    n, d = a.shape
    cost = 25.0 * ops.mean(ops.square(a - b))
    for z in (a, b):
        z = z - ops.mean(z, axis=0)
        spread = ops.sqrt(ops.mean(ops.square(z), axis=0) + 1e-4)
        covariance = ops.matmul(ops.transpose(z), z) / (n - 1)
        apart = ops.sum(ops.square(covariance * (1.0 - ops.eye(d)))) / d
        cost = cost + 12.5 * ops.mean(ops.relu(1.0 - spread)) + apart
    return cost


class TwoViews(keras.Model):
    """Views (2 * n, s, s, 3), the first of each photo and then the second, to the loss of their projections."""

    def __init__(self, trunk: keras.Model, loss: Loss) -> None:
        super().__init__()
        self.trunk, self.between = trunk, loss
        self.projector = keras.Sequential(
            [
                keras.layers.Dense(PROJECTION, use_bias=False),
                keras.layers.BatchNormalization(momentum=0.9),
                keras.layers.ReLU(),
                keras.layers.Dense(PROJECTION, use_bias=False),
            ]
        )

    def call(self, views: Any, training: bool | None = None) -> Any:
        z = self.projector(self.trunk(views, training=training), training=training)
        n = z.shape[0] // 2
        return self.between(z[:n], z[n:])


def trunk_of(network: keras.Model) -> keras.Model:
    """Photos to the pooled vector."""
    return keras.Model(network.inputs, network.get_layer(POOLED).output)


def learned_start(images: np.ndarray, start: Start, *, seed: int) -> tuple[list[np.ndarray], list[float]]:
    """Weights of the trunk of `build_cnn` learned from photos uint8 (n, s, s, 3) without labels, and the losses."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    network = TwoViews(trunk_of(build_cnn(images.shape[1], 2)), start.loss)
    network.compile(keras.optimizers.AdamW(start.rate, weight_decay=1e-4), lambda _, found: found, jit_compile=False)
    losses = []
    order = rng.permutation(len(images))
    size = min(start.batch, len(images))
    for step in range(start.steps):
        if len(order) < size:
            order = np.concatenate([order, rng.permutation(len(images))])
        rows, order = order[:size], order[size:]
        views = np.concatenate([VIEWS.apply(images[rows], rng), VIEWS.apply(images[rows], rng)])
        network.optimizer.learning_rate.assign(learning_rate_at(step, start.steps, start.rate))
        losses.append(float(network.train_on_batch(views, np.zeros(1, np.float32))))
    return network.trunk.get_weights(), losses


def drawn_start(images: np.ndarray, *, seed: int) -> list[np.ndarray]:
    """Drawn weights with the batch statistics of these photos, without which nothing can be read off them."""
    keras.utils.set_random_seed(seed)
    rng, trunk = np.random.default_rng(seed), trunk_of(build_cnn(images.shape[1], 2))
    for _ in range(30):
        trunk(VIEWS.apply(images[rng.integers(len(images), size=64)], rng), training=True)
    return trunk.get_weights()
