"""Weights mean the same on every backend: what was trained on one is served on another."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.core.contracts import MEMBER_NAMES
from classifier.core.few_shot import ResidualEncoder
from classifier.core.few_shot_models import PairModel
from tests.classifier.nn.member_contract import context
from tests.classifier.nn.networks import small_embedder, small_fine_tuned
from tests.classifier.nn.photos import tiny_config, tiny_data

pytestmark = pytest.mark.nn
ROOT = Path(__file__).resolve().parents[3]
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights, inputs and an ensemble for other backends to read, and what TensorFlow answers."""
    from tests.classifier.nn import backends

    folder, rng = tmp_path_factory.mktemp("weights"), np.random.default_rng(1)
    weights, inputs = {}, backends.drawn_inputs()
    for name, network in backends.architectures().items():
        backends.answer(network, inputs[name])
        for i, value in enumerate(network.get_weights()):
            # Away from where layers start: statistics of 0 and 1 would hide a normalisation left out.
            moved = value * (1 + 0.1 * rng.normal(size=value.shape))
            moved += 0.1 * np.abs(rng.normal(size=value.shape)) * (value.ndim == 1)
            weights[f"{name}/{i}"] = moved.astype(value.dtype)
    np.savez(folder / backends.WEIGHTS, **weights)
    data = tiny_data(n=30, side=56)
    np.savez(folder / backends.INPUTS, photos=data.images[:7])
    whole_ensemble(data, folder).save(folder / backends.ENSEMBLE)
    np.savez(folder / "tensorflow.npz", **backends.outputs(folder))
    return folder


def whole_ensemble(data, folder):
    """One member of every kind, untrained where training takes long: parity is about what is done with weights."""
    from classifier.nn.cnn import build_cnn
    from classifier.nn.ensemble import MEMBERS, Ensemble
    from classifier.nn.feature_member import FeatureMember
    from classifier.nn.few_shot.memory_member import MemoryAugmented
    from classifier.nn.few_shot.pixel_member import build_twin

    embedder = small_embedder()
    rows, config = np.arange(len(data.images)), tiny_config()
    features = embedder.embed(data.images, lambda done, n: None)
    known = tiny_data(n=30, side=56, features=features, feature_space="tiny@1")
    made = {
        "scratch_cnn": lambda cls: cls(build_cnn(32, 3)),
        "fine_tune": lambda cls: cls(small_fine_tuned(3)),
        "siamese_pixels": lambda cls: cls(build_twin(56)),
    }
    members: dict[str, Any] = {}
    kinds: dict[str, Any] = dict(MEMBERS)
    for name, cls in kinds.items():
        if cls is MemoryAugmented:
            members[name] = cls(embedder, config)
            members[name].model = untrained_memory(features, data)
        elif issubclass(cls, FeatureMember):
            members[name] = cls(embedder, config)
            members[name].fit(known, rows, context(folder / "checkpoints"))
        else:
            members[name] = made[name](cls)
    twin = members["siamese_pixels"]
    vectors = twin._vectors(data.images, lambda: False)
    weights = np.full(vectors.shape[1], -1.0, np.float32)
    twin.model = PairModel.fit(None, weights, 0.0, vectors, data.targets, data.groups, random_state=0)
    return Ensemble(members, dict.fromkeys(members, 1 / len(members)), 1.3, data.n_stages)


def untrained_memory(features, data):
    from classifier.nn.few_shot.memory import build_memory_network
    from classifier.nn.few_shot.memory_member import DIMENSION, MemoryModel, _principal_axes

    encoder, stages = ResidualEncoder.standardising(features), data.targets.argmax(axis=1)
    axes = _principal_axes(encoder.encode(features))
    weights = build_memory_network(DIMENSION, data.n_stages).get_weights()
    vectors = np.asarray(encoder.encode(features) @ axes, np.float32)
    return MemoryModel(encoder, axes, weights, vectors, stages, np.ones(data.n_stages, bool), len(stages))


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_same_weights_give_the_same_answers(folder, backend):
    """JAX is among the development requirements; PyTorch is tried where somebody has installed it."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "tests.classifier.nn.backends", str(folder)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(folder / "tensorflow.npz") as ours, np.load(folder / f"{backend}.npz") as theirs:
        assert set(ours.files) == set(theirs.files)
        assert {f"member {name}" for name in MEMBER_NAMES} < set(ours.files)
        # Distances of a hundred thousand are the same when they agree to seven digits.
        far = {
            name: float(np.abs(ours[name] - theirs[name]).max() / max(1.0, np.abs(ours[name]).max()))
            for name in ours.files
        }
        loud = {name: float(np.ptp(ours[name])) for name in ours.files}
    print(backend, {name: f"{distance:.1e}" for name, distance in far.items()})
    assert {name: distance for name, distance in far.items() if distance > TOLERANCE} == {}
    assert {name for name, spread in loud.items() if spread < 1e-3} == set(), "nothing was compared"
