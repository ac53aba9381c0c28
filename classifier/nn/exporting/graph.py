"""An ensemble as one Keras graph: uint8 photos of a fixed size to calibrated probabilities.

Only layers and operations of Keras itself are used, so that a saved graph needs none of our code. What members learned
as arrays becomes weights of such layers; much of it folds together, for standardising, re-weighting and comparing with
class means are all linear.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from classifier.core.contracts import Array
from classifier.core.corn import CornHead
from classifier.core.exporting import NotExportable
from classifier.core.few_shot import ResidualEncoder, seen_stages
from classifier.core.few_shot_models import AttentionModel, PairModel, PrototypeModel
from classifier.core.heads import Head
from classifier.core.pooling import FLOOR
from classifier.nn.embedders import BackboneEmbedder
from classifier.nn.ensemble import Ensemble
from classifier.nn.exporting.resizing import resized
from classifier.nn.feature_member import FeatureMember
from classifier.nn.few_shot.memory_member import MemoryAugmented
from classifier.nn.few_shot.pixel_member import SiameseOnPixels
from classifier.nn.members import Member
from classifier.nn.network_member import NetworkMember

#: Stacking weights below this change no digit of an answer.
_NEGLIGIBLE = 1e-6
#: Logit of a stage that must not be answered; its exponential is 0 in single precision.
_NEVER = -1e9
_SMALLEST = 1e-12


@dataclasses.dataclass(frozen=True, slots=True)
class ExportGraph:
    """A graph and what it takes.

    Args:
        model: Photos uint8 (n, side, side, 3) to probabilities float32 (n, K).
        side: Of the input, pixels.
        members: Those inside; members without a stacking weight are left out.
    """

    model: keras.Model
    side: int
    members: tuple[str, ...]


def build_graph(ensemble: Ensemble) -> ExportGraph:
    """Put a fitted ensemble into one graph.

    Raises:
        NotExportable: A member cannot be written as one; names every such member, with its reason, and those that can.
    """
    if ensemble.specialists is not None:
        raise NotExportable("this ensemble does not fit into one graph: its specialists split pairs of stages after it")
    used = {name: member for name, member in ensemble.members.items() if ensemble.weights[name] > _NEGLIGIBLE}
    reasons = {name: reason for name, member in used.items() if (reason := refusal(member))}
    if reasons:
        able = ", ".join(name for name in used if name not in reasons) or "none"
        told = "; ".join(f"{name} {reason}" for name, reason in reasons.items())
        raise NotExportable(f"this ensemble does not fit into one graph: {told}. Members that do: {able}")
    side = max(_side(member) for member in used.values())
    photos = keras.Input((side, side, 3), dtype="uint8", name="photos")
    pixels = _PixelsAt(photos, side)
    vectors: dict[str, Any] = {}
    logs = []
    for name, member in used.items():
        log_probas = _log_probas(member, pixels, vectors)
        # The pool floors what a member rules out, so that one confident error costs a finite price.
        logs.append(ensemble.weights[name] * ops.maximum(log_probas, float(np.log(FLOOR))))
    pooled = logs[0] if len(logs) == 1 else layers.Add(name="pool")(logs)
    calibrated = ops.maximum(ops.log_softmax(pooled, axis=-1), float(np.log(FLOOR))) / ensemble.temperature
    probas = layers.Softmax(name="probabilities", dtype="float32")(calibrated)
    model = keras.Model(photos, probas, name="antesis")
    model.trainable = False
    return ExportGraph(model, side, tuple(used))


def refusal(member: Member) -> str:
    """Say why a member does not fit into a graph; empty when it does."""
    if isinstance(member, FeatureMember) and not isinstance(member.embedder, BackboneEmbedder):
        return "reads colour and gradient histograms, which are computed outside any network"
    if isinstance(member, MemoryAugmented):
        return "answers by replaying labelled photos through its memory"
    if not isinstance(member, (FeatureMember, NetworkMember, SiameseOnPixels)):
        return "has no graph"
    return ""


def _side(member: Member) -> int:
    if isinstance(member, FeatureMember):
        return member.embedder.size
    if isinstance(member, NetworkMember):
        return int(member.network.input_shape[1])
    assert isinstance(member, SiameseOnPixels)
    return int(member.twin.input_shape[1])


class _PixelsAt:
    """Photos at the sizes that members ask for, each made once."""

    def __init__(self, photos: Any, side: int) -> None:
        self._side = side
        self._made: dict[int, Any] = {side: ops.cast(photos, "float32")}

    def __getitem__(self, side: int) -> Any:
        if side not in self._made:
            self._made[side] = resized(self._made[self._side], self._side, side)
        return self._made[side]


def _log_probas(member: Member, pixels: _PixelsAt, vectors: dict[str, Any]) -> Any:
    """Logarithms (n, K) of one member's probabilities."""
    if isinstance(member, NetworkMember):
        return ops.log_softmax(_named(member.network, member.name)(pixels[_side(member)], training=False), axis=-1)
    if isinstance(member, SiameseOnPixels):
        assert member.model is not None  # a saved ensemble holds fitted members
        twin = _named(member.twin, member.name)
        return _pair(member.model, twin(pixels[_side(member)], training=False), member.name)
    assert isinstance(member, FeatureMember)
    assert isinstance(member.embedder, BackboneEmbedder)
    if member.feature_space not in vectors:
        network = _named(member.embedder.network, "features")
        vectors[member.feature_space] = network(pixels[_side(member)], training=False)
    write = _WRITERS[type(member.model)]
    return write(member.model, vectors[member.feature_space], member.name)


def _named(network: keras.Model, name: str) -> keras.Model:
    """A network under the name of its member, for two parts of a graph may not share one."""
    return keras.Model(network.inputs[0], network.outputs[0], name=f"{name}_network")


def _dense(x: Any, kernel: Array, bias: Array | None, name: str) -> Any:
    """A fixed linear map."""
    layer = layers.Dense(kernel.shape[1], use_bias=bias is not None, name=name)
    found = layer(x)
    layer.set_weights([kernel.astype(np.float32)] + ([] if bias is None else [bias.astype(np.float32)]))
    return found


def _standardised(mean: Array, scale: Array, kernel: Array, bias: Array) -> tuple[Array, Array]:
    """Fold (x - mean) / scale into the linear map behind it."""
    folded = np.asarray(kernel, np.float64) / np.asarray(scale, np.float64)[:, None]
    return folded, bias - np.asarray(mean, np.float64) @ folded


def _encoding(encoder: ResidualEncoder) -> tuple[Array, Array]:
    """Kernel (d, d) and bias (d,) of an encoder, which is linear."""
    d = len(encoder.mean)
    change = np.asarray(encoder.down, np.float64) @ np.asarray(encoder.up, np.float64)
    return _standardised(encoder.mean, encoder.scale, (np.eye(d) + change) / np.sqrt(d), np.zeros(d))


def _head(head: Head, x: Any, name: str) -> Any:
    kernel, bias = _standardised(head.mean, head.scale, head.weights, head.bias)
    return ops.log_softmax(_dense(x, kernel, bias, f"{name}_head"), axis=-1)


def _corn(head: CornHead, x: Any, name: str) -> Any:
    """Logarithms of the chain of CORN: what came before has to be passed, the stage itself not."""
    kernel, bias = _standardised(head.mean, head.scale, head.weights, head.bias)
    logits = _dense(x, kernel, bias, f"{name}_questions")
    k = head.n_stages
    passed = _dense(ops.log_sigmoid(logits), np.triu(np.ones((k - 1, k)), 1), None, f"{name}_passed")
    return passed + _dense(ops.log_sigmoid(-logits), np.eye(k - 1, k), None, f"{name}_stopped")


def _prototypes(model: PrototypeModel, x: Any, name: str) -> Any:
    """-|e - m|² = 2 e.m - |m|² - |e|², and the last part is the same for every stage."""
    encode, offset = _encoding(model.encoder)
    means = np.asarray(model.means, np.float64)
    kernel = 2 * model.scale * encode @ means.T
    bias = model.scale * (2 * offset @ means.T - (means**2).sum(axis=1))
    seen = model.seen
    logits = _dense(x, np.where(seen, kernel, 0.0), np.where(seen, bias, _NEVER), f"{name}_distances")
    return _with_unseen(layers.Softmax()(logits), seen, model.n_examples, name)


def _attention(model: AttentionModel, x: Any, name: str) -> Any:
    seen, votes = seen_stages(model.targets), np.maximum(model.targets.sum(axis=0), 1e-9)
    unit = layers.UnitNormalization(name=f"{name}_unit")(_dense(x, *_encoding(model.encoder), f"{name}_encoded"))
    logits = _dense(unit, model.scale * np.asarray(model.examples, np.float64).T, None, f"{name}_cosines")
    weights = ops.exp(logits - ops.max(logits, axis=-1, keepdims=True))
    by_stage = _dense(weights, np.where(seen, model.targets / votes, 0.0), None, f"{name}_stages")
    return _with_unseen(by_stage / ops.sum(by_stage, axis=-1, keepdims=True), seen, len(model.examples), name)


def _pair(model: PairModel, x: Any, name: str) -> Any:
    encoded = x if model.encoder is None else _dense(x, *_encoding(model.encoder), f"{name}_encoded")
    n, e = model.examples.shape
    # e - example, as a layer that holds the examples: times one, plus minus the example.
    beside = layers.EinsumDense("bne,ne->bne", output_shape=(n, e), bias_axes="ne", name=f"{name}_differences")
    differences = beside(layers.RepeatVector(n)(encoded))
    beside.set_weights([np.ones((n, e), np.float32), -np.asarray(model.examples, np.float32)])
    odds = _dense(ops.abs(differences), model.weights[:, None], np.array([model.bias]), f"{name}_odds")
    votes = model.targets.sum(axis=0)
    kernel = np.where(votes > 1e-3, model.scale * model.targets / np.maximum(votes, 1e-9), 0.0)
    seen = seen_stages(model.targets)
    logits = _dense(layers.Reshape((n,))(odds), kernel, np.where(seen, 0.0, _NEVER), f"{name}_stages")
    return _with_unseen(layers.Softmax()(logits), seen, len(model.examples), name)


def _with_unseen(probas: Any, seen: Array, n_examples: int, name: str) -> Any:
    """Logarithms after ``classifier.core.few_shot.distribution`` has given stages without an example their share."""
    k = len(seen)
    unseen_each = 1.0 / (n_examples + k)
    kept = 1.0 - unseen_each * (k - int(seen.sum()))
    shared = _dense(probas, np.diag(np.where(seen, kept, 0.0)), np.where(seen, 0.0, unseen_each), f"{name}_shares")
    return ops.log(ops.maximum(shared, _SMALLEST))


_WRITERS: Mapping[type, Callable[[Any, Any, str], Any]] = {
    Head: _head,
    CornHead: _corn,
    PrototypeModel: _prototypes,
    AttentionModel: _attention,
    PairModel: _pair,
}
