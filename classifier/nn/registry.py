"""Pretrained backbones and where their weights lie. Imports no Keras, so asking costs nothing."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from pathlib import Path
from typing import Any

from classifier.core.contracts import FeatureSpace


class Unavailable(Exception):
    """The weights of a backbone cannot be had; the message says why, for people."""


@dataclasses.dataclass(frozen=True, slots=True)
class BackboneSpec:
    """A network of ``keras.applications`` with ImageNet weights.

    Args:
        name: Ours, stable.
        builder: Function of ``keras.applications``.
        arguments: Its arguments.
        weights_file: File name of the weights without the classification layers, as Keras calls it.
        weights_url: Where Keras gets it.
        size: Side of the input, pixels.
        dimension: Length of the feature vector.
        scales_inside: Whether the network takes 0..255 (else it wants -1..1).
        taps: Layers whose maps are read, each as the mean and the spread of its channels, averaged over the views of
            a photo (``nn.views``); none: the mean of the last map of the whole photo.
    """

    name: str
    builder: str
    arguments: tuple[tuple[str, Any], ...]
    weights_file: str
    weights_url: str
    size: int
    dimension: int
    scales_inside: bool
    taps: tuple[str, ...] = ()


#: Part of the name of a space that is read by taps. Count it up whenever what is read changes: old vectors are
#: another space.
VIEWS_REVISION = "views1"
_STORE = "https://storage.googleapis.com/tensorflow/keras-applications/"

#: Best first, by accuracy within what two CPU cores embed in a minute or two.
BACKBONES = (
    BackboneSpec(
        "efficientnetv2-b0",
        "EfficientNetV2B0",
        (),
        "efficientnetv2-b0_notop.h5",
        f"{_STORE}efficientnet_v2/efficientnetv2-b0_notop.h5",
        224,
        1280,
        scales_inside=True,
    ),
    BackboneSpec(
        "mobilenetv3-large",
        "MobileNetV3Large",
        (),
        "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
        f"{_STORE}mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
        224,
        960,
        scales_inside=True,
    ),
    BackboneSpec(
        "mobilenet-0.25",
        "MobileNet",
        (("alpha", 0.25),),
        "mobilenet_2_5_224_tf_no_top.h5",
        f"{_STORE}mobilenet/mobilenet_2_5_224_tf_no_top.h5",
        224,
        # Mean and spread of 64, 128 and 256 channels.
        896,
        scales_inside=False,
        taps=("conv_pw_5_relu", "conv_pw_11_relu", "conv_pw_13_relu"),
    ),
)


@dataclasses.dataclass(frozen=True, slots=True)
class FoundBackbone:
    """A backbone whose weights are at hand."""

    spec: BackboneSpec
    path: Path
    sha256: str

    @property
    def space(self) -> FeatureSpace:
        """The feature space; its name changes with the weights and with how they are read."""
        reading = f"-{VIEWS_REVISION}" if self.spec.taps else ""
        return FeatureSpace(f"{self.spec.name}-{self.spec.size}{reading}@{self.sha256[:12]}", self.spec.dimension)


def find_backbone(weights_dir: str, name: str = "") -> FoundBackbone:
    """Look for weights on disk; never uses the network.

    Args:
        weights_dir: A folder with the files, a KERAS_HOME (files in ``models/``), or one weights file.
        name: One of `BACKBONES`, or "" for the best one there.

    Returns:
        The backbone with the hash of its weights.

    Raises:
        Unavailable: With the reason.
    """
    specs = [spec for spec in BACKBONES if name in ("", spec.name)]
    if not specs:
        known = ", ".join(spec.name for spec in BACKBONES)
        raise Unavailable(f"there is no backbone called {name!r}; known: {known}")
    if not weights_dir:
        raise Unavailable("no folder with pretrained weights is configured")
    root = Path(weights_dir)
    for spec in specs:
        for path in (root / spec.weights_file, root / "models" / spec.weights_file, root):
            if path.is_file() and path.name == spec.weights_file:
                return FoundBackbone(spec, path, _sha256(path))
    wanted = " or ".join(spec.weights_file for spec in specs)
    raise Unavailable(f"{root} holds no pretrained weights ({wanted})")


def _sha256(path: Path) -> str:
    stat = path.stat()
    return _sha256_of(path, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=16)
def _sha256_of(path: Path, modified_ns: int, size: int) -> str:
    """Hash once a process; the time and size in the key notice a file that was replaced."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
