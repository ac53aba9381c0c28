"""The same weights on whatever backend runs this: every architecture, and an ensemble of every kind of member.

    KERAS_BACKEND=jax python -m tests.classifier.nn.backends FOLDER

reads weights and inputs that ``test_backends`` wrote into FOLDER and leaves the outputs there as ``<backend>.npz``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

from classifier.core.contracts import Array
from classifier.nn.backbones import build_backbone
from classifier.nn.cnn import build_cnn
from classifier.nn.ensemble import Ensemble
from classifier.nn.few_shot.comparers import AttentionComparer, PrototypeComparer
from classifier.nn.few_shot.encoders import SMALL_BLOCKS, SMALL_UNITS, build_conv4, build_koch_encoder
from classifier.nn.few_shot.episode_network import QUERIES, SUPPORT, EpisodeNetwork
from classifier.nn.few_shot.feature_training import build_residual_network, build_siamese
from classifier.nn.few_shot.memory import LeastRecentlyUsedCell, build_memory_network
from classifier.nn.registry import BACKBONES

SPEC = next(spec for spec in BACKBONES if spec.name == "mobilenet-0.25")
ENSEMBLE, WEIGHTS, INPUTS = "ensemble", "weights.npz", "inputs.npz"
N_WAY, K_SHOT, N_QUERIES, STEPS = 3, 2, 4, 9


def architectures() -> dict[str, keras.Model]:
    """Every network of ``classifier.nn``, at sizes that compile in a moment."""

    def episodes(encoder, comparer):
        return EpisodeNetwork(encoder, comparer, n_way=N_WAY, k_shot=K_SHOT)

    return {
        "scratch_cnn": build_cnn(32, 5),
        "backbone": build_backbone(SPEC, None),
        "prototypes": episodes(build_conv4(28), PrototypeComparer()),
        "matching": episodes(build_conv4(28), AttentionComparer()),
        "prototypes_on_features": episodes(build_residual_network(40), PrototypeComparer(scale=2.0)),
        "matching_on_features": episodes(build_residual_network(40), AttentionComparer()),
        "siamese": build_siamese(build_koch_encoder(56, 3, blocks=SMALL_BLOCKS, units=SMALL_UNITS)),
        "siamese_on_features": build_siamese(build_residual_network(40), initial_weight=-0.1),
        "memory": build_memory_network(8, 4, LeastRecentlyUsedCell(units=24, slots=12, width=10)),
    }


def drawn_inputs() -> dict[str, list[Array]]:
    """What each architecture is asked, as a list of arrays."""
    rng = np.random.default_rng(0)

    def photos(n, side):
        return rng.integers(0, 256, (n, side, side, 3)).astype(np.float32)

    def normal(*shape):
        return rng.normal(size=shape).astype(np.float32)

    pictures, vectors = (28, 28, 1), (40,)
    episode = {"conv": pictures, "features": vectors}
    support = {kind: normal(2, N_WAY * K_SHOT, *shape) for kind, shape in episode.items()}
    queries = {kind: normal(2, N_QUERIES, *shape) for kind, shape in episode.items()}
    return {
        "scratch_cnn": [photos(3, 32)],
        "backbone": [photos(1, SPEC.size)],
        "prototypes": [support["conv"], queries["conv"]],
        "matching": [support["conv"], queries["conv"]],
        "prototypes_on_features": [support["features"], queries["features"]],
        "matching_on_features": [support["features"], queries["features"]],
        "siamese": [photos(3, 56) / 255, photos(3, 56) / 255],
        "siamese_on_features": [normal(6, 40), normal(6, 40)],
        "memory": [normal(2, STEPS, 8 + 4)],
    }


def answer(network: keras.Model, inputs: list[Array]) -> Array:
    """Outputs of one architecture."""
    given: Any
    if isinstance(network, EpisodeNetwork):
        given = {SUPPORT: inputs[0], QUERIES: inputs[1]}
    else:
        given = inputs[0] if len(inputs) == 1 else inputs
    if keras.backend.backend() == "jax" and network.built:
        return np.asarray(network.predict_on_batch(given))  # one compilation instead of one an operation
    return keras.ops.convert_to_numpy(network(given, training=False))


def outputs(folder: Path) -> dict[str, Array]:
    """Answers of all architectures with the weights in a folder, and of the ensemble's members and their pool."""
    found: dict[str, Array] = {}
    inputs = drawn_inputs()
    with np.load(folder / WEIGHTS) as weights, np.load(folder / INPUTS) as given:
        for name, network in architectures().items():
            answer(network, inputs[name])  # variables of a subclassed network exist once it has seen its input
            n = len(network.get_weights())
            network.set_weights([weights[f"{name}/{i}"] for i in range(n)])
            found[name] = answer(network, inputs[name])
        ensemble = Ensemble.load(folder / ENSEMBLE)
        photos = given["photos"]
        features = ensemble.members["prototypes"].vectors(photos, None, lambda: False)
        by_member = ensemble.predict_members(photos, features)
        found |= {f"member {name}": probas for name, probas in by_member.items()}
        found["ensemble"] = ensemble.combine(by_member)
        found |= {f"vectors {name}": member.embed(photos, features) for name, member in ensemble.members.items()}
    return found


if __name__ == "__main__":
    where = Path(sys.argv[1])
    np.savez(where / f"{keras.backend.backend()}.npz", **outputs(where))
