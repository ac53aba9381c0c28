"""A network that learns within an episode by writing to a memory: MANN with least-recently-used access."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from classifier.core.contracts import Array

UNITS, SLOTS, WIDTH, HEADS, DECAY = 200, 128, 40, 2, 0.95
#: So that the cosine of an empty slot is defined.
_TINY = 1e-6


@keras.saving.register_keras_serializable(package="antesis")
class LeastRecentlyUsedCell(keras.layers.Layer):
    """An LSTM controller that reads a memory by content and writes to the slots used least, or last read.

    One step, for each head: w_w = g w_r' + (1 - g) w_lu'; the least used slot is zeroed and a is added at w_w; then
    w_r = softmax(β cos(k, M)), r = w_r M, and usage u = γ u' + Σ w_r + Σ w_w (a prime is the step before). Each head
    has a least used slot of its own. Two things are not in the paper, without which training stands still for long:
    the strength β, for a softmax over bare cosines hardly tells slots apart, and a written vector a beside the key k,
    for a label that arrives a step late has to be added to the slot that the step before has read.

    Args:
        units: Of the controller.
        slots, width: Of the memory.
        heads: Each reads and writes.
        decay: γ of the usage.

    Call arguments: inputs (batch, d) and the states h, c (batch, units), memory (batch, slots * width), read weights
    (batch, heads * slots), usage (batch, slots), reads (batch, heads * width). Returns (batch, units + heads * width).

    References:
        Santoro et al., "Meta-Learning with Memory-Augmented Neural Networks", ICML 2016, section 3.2.
    """

    def __init__(
        self,
        units: int = UNITS,
        slots: int = SLOTS,
        width: int = WIDTH,
        heads: int = HEADS,
        decay: float = DECAY,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if heads > slots:
            raise ValueError(f"{heads} heads need as many slots to write to, not {slots}")
        self.units, self.slots, self.width, self.heads, self.decay = units, slots, width, heads, decay
        self.state_size = [units, units, slots * width, heads * slots, slots, heads * width]
        self.output_size = units + heads * width
        self.controller = keras.layers.LSTMCell(units, name="controller")
        self.keys = keras.layers.Dense(heads * width, activation="tanh", name="keys")
        self.contents = keras.layers.Dense(heads * width, activation="tanh", name="contents")
        self.gates = keras.layers.Dense(heads, activation="sigmoid", name="gates")
        self.strengths = keras.layers.Dense(heads, activation="softplus", bias_initializer="ones", name="strengths")

    def build(self, input_shape: Any) -> None:
        self.controller.build((None, int(input_shape[-1]) + self.heads * self.width))
        for layer in (self.keys, self.contents, self.gates, self.strengths):
            layer.build((None, self.units))
        self.built = True

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """An empty memory."""
        state = [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in self.state_size]
        state[2] = state[2] + _TINY
        return state

    def call(self, inputs: Any, states: list[Any], training: bool | None = None) -> tuple[Any, list[Any]]:  # noqa: FBT001 - Keras's signature
        h, c, memory, read_weights, usage, reads = states
        memory = ops.reshape(memory, (-1, self.slots, self.width))
        read_weights = ops.reshape(read_weights, (-1, self.heads, self.slots))
        h, (h, c) = self.controller(ops.concatenate([inputs, reads], axis=-1), [h, c], training=training)
        keys = ops.reshape(self.keys(h), (-1, self.heads, self.width))
        contents = ops.reshape(self.contents(h), (-1, self.heads, self.width))
        memory, write_weights = self.write(memory, read_weights, usage, contents, self.gates(h))
        read_weights = self.address(memory, keys, 1.0 + self.strengths(h))
        usage = self.decay * usage + ops.sum(read_weights, axis=1) + ops.sum(write_weights, axis=1)
        reads = ops.reshape(ops.matmul(read_weights, memory), (-1, self.heads * self.width))
        states = [
            h,
            c,
            ops.reshape(memory, (-1, self.slots * self.width)),
            ops.reshape(read_weights, (-1, self.heads * self.slots)),
            usage,
            reads,
        ]
        return ops.concatenate([h, reads], axis=-1), states

    def write(self, memory: Any, read_weights: Any, usage: Any, contents: Any, gates: Any) -> tuple[Any, Any]:
        """Zero the least used slots and add the contents: memory (b, slots, width) and write weights (b, heads, slots).

        No gradient passes through the choice of a slot.
        """
        least_used = ops.one_hot(ops.top_k(-usage, self.heads)[1], self.slots, dtype=memory.dtype)
        gates = gates[:, :, None]
        write_weights = gates * read_weights + (1.0 - gates) * least_used
        kept = 1.0 - ops.sum(least_used, axis=1)
        memory = memory * kept[:, :, None] + ops.matmul(ops.transpose(write_weights, (0, 2, 1)), contents)
        return memory, write_weights

    def address(self, memory: Any, keys: Any, strengths: Any) -> Any:
        """Read weights (batch, heads, slots) by content; each head's sum to one."""
        lengths = ops.sqrt(ops.sum(ops.square(memory), axis=-1) + _TINY**2)
        key_lengths = ops.sqrt(ops.sum(ops.square(keys), axis=-1) + _TINY**2)
        products = ops.matmul(keys, ops.transpose(memory, (0, 2, 1)))
        cosine = products / (key_lengths[:, :, None] * lengths[:, None, :])
        return ops.softmax(strengths[:, :, None] * cosine, axis=-1)

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("units", "slots", "width", "heads", "decay")}
        return {**super().get_config(), **own}


def build_memory_network(d: int, n_way: int, cell: LeastRecentlyUsedCell | None = None) -> keras.Model:
    """Build the network around the memory.

    Args:
        d: Length of a vector.
        n_way: Labels of an episode.
        cell: The memory; None for one of the paper's size.

    Returns:
        A model from (batch, T, d + n_way), vectors beside the labels of the step before (`with_past_labels`), to
        logits (batch, T, n_way).
    """
    steps = keras.Input((None, d + n_way), name="steps")
    recurrent = keras.layers.RNN(cell or LeastRecentlyUsedCell(), return_sequences=True, name="memory")
    logits = keras.layers.Dense(n_way, name="logits")(recurrent(steps))
    return keras.Model(steps, logits, name="mann")


def with_past_labels(vectors: Array, labels: Array, n_way: int) -> Array:
    """Put each step's vector beside the label of the step before, which is shown one step late.

    Args:
        vectors: (batch, T, d).
        labels: int (batch, T).
        n_way: Labels of an episode.

    Returns:
        float32 (batch, T, d + n_way).
    """
    past = np.zeros((*labels.shape, n_way), dtype=np.float32)
    past[:, 1:] = np.eye(n_way, dtype=np.float32)[labels[:, :-1]]
    return np.concatenate([np.asarray(vectors, dtype=np.float32), past], axis=-1)


def recall(network: keras.Model, support: Array, labels: Array, queries: Array) -> Array:
    """Show labelled vectors once, then ask about each query as though it came next.

    Args:
        network: From `build_memory_network`.
        support: (T, d), in the order they are shown.
        labels: int (T,), of this episode.
        queries: (m, d); they do not see each other.

    Returns:
        Logits (m, n_way).
    """
    cell, head = network.get_layer("memory").cell, network.get_layer("logits")
    n_way = int(network.output_shape[-1])
    shown = with_past_labels(support[None], labels[None], n_way)
    states = cell.get_initial_state(1)
    for step in range(len(support)):
        _, states = cell(ops.convert_to_tensor(shown[:, step]), states)
    last = np.eye(n_way, dtype=np.float32)[labels[-1:]].repeat(len(queries), axis=0)
    asked = np.concatenate([np.asarray(queries, dtype=np.float32), last], axis=1)
    outputs, _ = cell(ops.convert_to_tensor(asked), [ops.repeat(state, len(queries), axis=0) for state in states])
    return ops.convert_to_numpy(head(outputs))
