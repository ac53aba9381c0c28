"""Fixed feature spaces that members read photos through: a frozen pretrained network, or the descriptor without one."""

from __future__ import annotations

import abc
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from classifier.core import descriptors
from classifier.core.contracts import Array, FeatureSpace, TrainingConfig
from classifier.nn.backbones import build_backbone, extract_features, obtain_backbone
from classifier.nn.registry import FoundBackbone, Unavailable
from classifier.nn.views import N_VIEWS

NETWORK_FILE = "backbone.keras"
_NETWORK_RATE, _DESCRIPTOR_RATE = 200, 600
_VIEWS_RATE = _NETWORK_RATE // N_VIEWS
_DESCRIBE_BATCH = 256


class Embedder(abc.ABC):
    """Maps photos to vectors that never change.

    Args:
        space: Name and dimension of the vectors.
    """

    #: Pretrained network and the hash of its weights; empty without one.
    backbone: str = ""
    weights_hash: str = ""
    #: Weights inside, all frozen.
    n_params: int = 0
    #: Photos a second on two CPU cores.
    rate: int = _DESCRIPTOR_RATE
    #: Side in pixels below which photos have to be enlarged; 0 where size does not matter.
    size: int = 0

    def __init__(self, space: FeatureSpace) -> None:
        self.space = space

    @abc.abstractmethod
    def embed(self, images: Array, before_batch: Callable[[int, int], None]) -> Array:
        """Map photos uint8 (n, h, w, 3) to float16 (n, d); `before_batch(done, n)` may raise to stop."""

    @abc.abstractmethod
    def write_files(self, folder: Path) -> None:
        """Write what cannot be built anew."""


class DescriptorEmbedder(Embedder):
    """Colour and gradient histograms (``classifier.core.descriptors``): no network, no weights."""

    def __init__(self) -> None:
        super().__init__(descriptors.SPACE)

    def embed(self, images: Array, before_batch: Callable[[int, int], None]) -> Array:
        vectors = np.zeros((len(images), self.space.dimension), dtype=np.float16)
        for start in range(0, len(images), _DESCRIBE_BATCH):
            before_batch(start, len(images))
            part = slice(start, start + _DESCRIBE_BATCH)
            vectors[part] = descriptors.describe(images[part])
        return vectors

    def write_files(self, folder: Path) -> None:
        """Nothing: the descriptor is code."""


class BackboneEmbedder(Embedder):
    """What ``nn.backbones.build_backbone`` reads from a frozen ``keras.applications`` network.

    Args:
        network: Photos to features.
        backbone, weights_hash: Its name and the hash of its weights.
        space_name: Name of the feature space.
    """

    rate = _NETWORK_RATE

    def __init__(self, network: keras.Model, *, backbone: str, weights_hash: str, space_name: str) -> None:
        super().__init__(FeatureSpace(space_name, int(network.output_shape[1])))
        self.network = network
        self.backbone, self.weights_hash = backbone, weights_hash
        self.n_params = int(network.count_params())
        self.size = int(network.input_shape[1])

    @classmethod
    def from_backbone(cls, found: FoundBackbone) -> BackboneEmbedder:
        """Build on weights that were found."""
        embedder = cls(
            build_backbone(found.spec, found.path),
            backbone=found.spec.name,
            weights_hash=found.sha256,
            space_name=found.space.name,
        )
        if found.spec.taps:
            embedder.rate = _VIEWS_RATE
        return embedder

    def embed(self, images: Array, before_batch: Callable[[int, int], None]) -> Array:
        return extract_features(self.network, images, before_batch=before_batch)

    def write_files(self, folder: Path) -> None:
        self.network.save(folder / NETWORK_FILE)


def obtain_embedder(config: TrainingConfig) -> Embedder:
    """Give the space ``runtime.feature_space`` names for these settings: a backbone's, else the descriptor's.

    Raises:
        Unavailable: A backbone was asked for by name and its weights cannot be had.
    """
    try:
        found = obtain_backbone(config.weights_dir, config.backbone, allow_download=config.allow_download)
    except Unavailable:
        if config.backbone:
            raise
        return DescriptorEmbedder()
    return BackboneEmbedder.from_backbone(found)


def read_embedder(folder: Path, *, backbone: str, weights_hash: str, space_name: str) -> Embedder:
    """Read what `Embedder.write_files` wrote.

    Raises:
        ValueError: The space is the descriptor's of another version.
        OSError: The network's file is missing.
    """
    if backbone:
        network = keras.models.load_model(folder / NETWORK_FILE, compile=False, safe_mode=True)
        return BackboneEmbedder(network, backbone=backbone, weights_hash=weights_hash, space_name=space_name)
    if space_name != descriptors.SPACE.name:
        raise ValueError(f"its features are of {space_name}, this version gives {descriptors.SPACE.name}")
    return DescriptorEmbedder()
