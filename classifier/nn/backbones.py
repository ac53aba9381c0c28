"""Frozen feature extractors from ``keras.applications``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from classifier.core.contracts import Array
from classifier.nn.devices import is_accelerated
from classifier.nn.preprocessing import resize_images
from classifier.nn.registry import BACKBONES, BackboneSpec, FoundBackbone, Unavailable, find_backbone
from classifier.nn.views import read_through_views

BATCH = 32


def obtain_backbone(weights_dir: str, name: str = "", *, allow_download: bool = False) -> FoundBackbone:
    """Find the weights of a backbone, or fetch them if that is allowed.

    Args:
        weights_dir: As for `find_backbone`; downloads go to its ``models`` folder.
        name: One of `BACKBONES`, or "" for the best one.
        allow_download: Whether the network may be used.

    Raises:
        Unavailable: The weights are not on disk and may not, or could not, be fetched.
    """
    try:
        return find_backbone(weights_dir, name)
    except Unavailable:
        if not (allow_download and weights_dir):
            raise
    spec = next((spec for spec in BACKBONES if name in ("", spec.name)), None)
    if spec is None:
        return find_backbone(weights_dir, name)
    try:
        keras.utils.get_file(
            spec.weights_file, spec.weights_url, cache_dir=str(Path(weights_dir)), cache_subdir="models"
        )
    except Exception as error:  # Keras wraps every network failure in a bare Exception.
        raise Unavailable(f"{spec.weights_url} could not be fetched: {error}") from error
    return find_backbone(weights_dir, spec.name)


def build_backbone(spec: BackboneSpec, weights: Path | None) -> keras.Model:
    """Build a frozen network that gives one vector a photo.

    Args:
        spec: Which one.
        weights: The file, or None for random weights (tests).

    Returns:
        A model from float (batch, size, size, 3), 0..255, to features (batch, dimension).
    """
    network = keras_backbone(spec, weights, spec.size)
    network.trainable = False
    photos = keras.Input((spec.size, spec.size, 3), name="photos")
    scaled = photos if spec.scales_inside else keras.layers.Rescaling(1 / 127.5, offset=-1.0)(photos)
    vectors = read_through_views(network, scaled, spec.taps) if spec.taps else network(scaled, training=False)
    return keras.Model(photos, vectors, name="backbone")


def keras_backbone(spec: BackboneSpec, weights: Path | None, side: int) -> keras.Model:
    """Build the network as ``keras.applications`` has it, pooled and trainable.

    Args:
        spec: Which one.
        weights: The file, or None for random weights.
        side: Of the input, pixels; the weights fit any.

    Raises:
        Unavailable: The file does not hold these weights.
    """
    builder: Callable[..., keras.Model] = getattr(keras.applications, spec.builder)
    network = builder(
        input_shape=(side, side, 3),
        include_top=False,
        weights=None,
        pooling="avg",
        **dict(spec.arguments),
    )
    if weights is not None:
        try:
            network.load_weights(str(weights))
        except (OSError, ValueError) as error:
            raise Unavailable(f"{weights.name} does not hold the weights of {spec.name}: {error}") from error
    return network


def extract_features(
    network: keras.Model, images: Array, *, before_batch: Callable[[int, int], None] | None = None
) -> Array:
    """Embed photos.

    Args:
        network: From `build_backbone`.
        images: uint8 (n, h, w, 3), any size.
        before_batch: Called with (photos done, n) before each batch; may raise to stop.

    Returns:
        float16 (n, dimension).
    """
    n = len(images)
    size = network.input_shape[1]
    features = np.zeros((n, network.output_shape[1]), dtype=np.float16)
    batch = BATCH * 8 if is_accelerated() else BATCH
    for start in range(0, n, batch):
        if before_batch is not None:
            before_batch(start, n)
        features[start : start + batch] = predict_fixed(
            network, resize_images(images[start : start + batch], size), batch
        )
    return features


def predict_fixed(network: keras.Model, images: Array, batch: int) -> Array:
    """Run one batch, padded to `batch` photos so that the backend compiles a single shape."""
    padded = np.zeros((batch, *images.shape[1:]), dtype=np.float32)
    padded[: len(images)] = images
    return np.asarray(network.predict_on_batch(padded))[: len(images)]
