"""Learning to compare on fixed vectors: the residual encoder of ``classifier.core.few_shot``, by episodes or pairs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from classifier.core.contracts import Array, TrainingStopped
from classifier.core.episodes import neighbouring_classes, rows_by_class, sample_episode
from classifier.core.few_shot import ResidualEncoder
from classifier.nn.few_shot.comparers import Comparer
from classifier.nn.few_shot.episode_network import EpisodeNetwork, episode_batch, train_on_episodes
from classifier.nn.few_shot.pairs import PairSampler
from classifier.nn.trainer import learning_rate_at

RANK = 32
STEPS = 300
_MOST_WAYS, _MOST_SHOTS, _MOST_QUERIES = 5, 5, 5
_EPISODES_A_STEP = 4
_PAIRS_A_STEP = 128
_RATE, _PAIR_RATE, _DECAY = 1e-3, 3e-3, 0.05


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """How one training goes.

    Args:
        is_ordered: Whether stages have neighbours, which episodes and pairs then prefer.
        random_state: Of weights, episodes and pairs.
        on_step: Called with the steps done.
        should_stop: Asked before every step.
        steps: How many.
    """

    is_ordered: bool
    random_state: int
    on_step: Callable[[int], None] = lambda done: None
    should_stop: Callable[[], bool] = lambda: False
    steps: int = STEPS


def build_residual_network(d: int, rank: int = RANK) -> keras.Model:
    """Build the trainable form of `ResidualEncoder`: standardised vectors (batch, d) to (batch, d).

    The second layer starts at 0, so that training starts from plain standardisation.
    """
    vectors = keras.Input((d,), name="vectors")
    low: Any = keras.layers.Dense(rank, use_bias=False, name="down")(vectors)
    change = keras.layers.Dense(d, use_bias=False, kernel_initializer="zeros", name="up")(low)
    encoded = keras.layers.Rescaling(1.0 / float(np.sqrt(d)))(keras.layers.Add()([vectors, change]))
    return keras.Model(vectors, encoded, name="residual")


def trained_on_episodes(
    encoder: ResidualEncoder, X: Array, targets: Array, comparer: Comparer, run: Run
) -> ResidualEncoder:
    """Train the encoder on episodes of neighbouring stages, four a step.

    Args:
        encoder: Its standardisation is kept.
        X: Vectors (n, d).
        targets: Label distributions (n, K); a photo counts as of its most voted stage. Two stages need two photos.
        comparer: Of the method.
        run: How.
    """
    rows = rows_by_class(targets.argmax(axis=1), targets.shape[1])
    usable = np.flatnonzero([len(found) >= 2 for found in rows])
    fewest = min(len(rows[stage]) for stage in usable)
    k_shot = min(_MOST_SHOTS, fewest // 2)
    n_queries, n_way = min(_MOST_QUERIES, fewest - k_shot), min(_MOST_WAYS, len(usable))
    keras.utils.set_random_seed(run.random_state)
    rng, z = np.random.default_rng(run.random_state), encoder.standardise(X)
    network = EpisodeNetwork(build_residual_network(z.shape[1]), comparer, n_way=n_way, k_shot=k_shot)

    def next_batch(step: int) -> tuple[Any, Array]:
        episodes = [
            sample_episode(
                rows,
                neighbouring_classes(usable, n_way, is_ordered=run.is_ordered, rng=rng),
                k_shot=k_shot,
                n_queries=n_queries,
                rng=rng,
            )
            for _ in range(_EPISODES_A_STEP)
        ]
        return episode_batch(episodes, z)

    train_on_episodes(
        network,
        next_batch,
        steps=run.steps,
        learning_rate=_RATE,
        weight_decay=_DECAY,
        on_step=lambda done, figures: run.on_step(done),
        should_stop=run.should_stop,
    )
    return _with_weights(encoder, network.encoder)


@keras.saving.register_keras_serializable(package="antesis")
class AbsoluteDifference(keras.layers.Layer):
    """|a - b| of two tensors of one shape: symmetric, so no order of a pair can matter."""

    def call(self, inputs: tuple[Any, Any]) -> Any:
        return ops.abs(inputs[0] - inputs[1])


def build_siamese(twin: keras.Model, *, initial_weight: float | None = None) -> keras.Model:
    """Join two twins: Koch's weighted L1 distance and one logit of "the same".

    Args:
        twin: Inputs (batch, *shape) to vectors (batch, e); both sides share it.
        initial_weight: Of every absolute difference; None draws them as Keras does. A negative one starts from the
            L1 distance.

    Returns:
        A model from [a, b] to logits (batch, 1), symmetric in a and b.

    References:
        Koch, Zemel, Salakhutdinov, "Siamese Neural Networks for One-shot Image Recognition", ICML DL Workshop 2015.
    """
    a, b = (keras.Input(twin.input_shape[1:], name=name) for name in ("a", "b"))
    start = "glorot_uniform" if initial_weight is None else keras.initializers.Constant(initial_weight)
    difference = AbsoluteDifference(name="difference")((twin(a), twin(b)))
    same = keras.layers.Dense(1, kernel_initializer=start, name="same")(difference)
    return keras.Model([a, b], same, name="siamese")


def trained_on_pairs(
    encoder: ResidualEncoder, X: Array, targets: Array, groups: Array, run: Run
) -> tuple[ResidualEncoder, Array, float]:
    """Train the encoder and the weights of the distance on pairs of photos.

    Arguments as for `trained_on_episodes`, with the groups (n,) that pairs of the same stage should not share.

    Returns:
        The encoder, the weights (d,) of the absolute differences and the bias.
    """
    d = X.shape[1]
    start = -1.0 / float(np.sqrt(d))
    keras.utils.set_random_seed(run.random_state)
    pairs = PairSampler(targets, groups, is_ordered=run.is_ordered, rng=np.random.default_rng(run.random_state))
    z, twin = encoder.standardise(X), build_residual_network(d)
    network = build_siamese(twin, initial_weight=start)
    fit_pairs(
        network,
        lambda step: pairs.batch(z, _PAIRS_A_STEP),
        steps=run.steps,
        learning_rate=_PAIR_RATE,
        weight_decay=_DECAY,
        on_step=run.on_step,
        should_stop=run.should_stop,
    )
    weights, bias = network.get_layer("same").get_weights()
    return _with_weights(encoder, twin), weights[:, 0].astype(np.float32), float(bias[0])


def fit_pairs(
    network: keras.Model,
    next_batch: Callable[[int], tuple[list[Array], Array]],
    *,
    steps: int,
    learning_rate: float,
    weight_decay: float = 0.0,
    on_step: Callable[[int], None] = lambda done: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Fit a siamese network to pairs ([a, b], is_same (batch, 1)) by AdamW under a warm-up and a cosine.

    Raises:
        TrainingStopped: `should_stop` answered true.
    """
    network.compile(
        keras.optimizers.AdamW(learning_rate, weight_decay=weight_decay),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=False,
    )
    for step in range(steps):
        if should_stop():
            raise TrainingStopped
        network.optimizer.learning_rate.assign(learning_rate_at(step, steps, learning_rate))
        network.train_on_batch(*next_batch(step))
        on_step(step + 1)


def _with_weights(encoder: ResidualEncoder, network: keras.Model) -> ResidualEncoder:
    down, up = (network.get_layer(name).get_weights()[0].astype(np.float32) for name in ("down", "up"))
    return dataclasses.replace(encoder, down=down, up=up)
