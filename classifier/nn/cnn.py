"""A small convolutional network, trained from scratch."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

#: (filters, kernel, stride) of each block. About 192 000 weights and 6 M multiply-adds at 64 pixels: early strides
#: put the work where it is cheap, which matters more than depth on two CPU cores.
BLOCKS = ((16, 4, 2), (32, 3, 2), (64, 3, 2), (96, 3, 2), (128, 3, 1))
DROPOUT = 0.25
#: Layer whose output `ScratchCNN.embed` gives.
POOLED = "pool"


def build_cnn(image_size: int, n_stages: int, *, blocks: tuple[tuple[int, int, int], ...] = BLOCKS) -> keras.Model:
    """Build the network.

    Args:
        image_size: Side of the input, pixels.
        n_stages: K.
        blocks: Filters, kernel and stride of the convolutions.

    Returns:
        A model from float (batch, s, s, 3) in 0..255 to logits (batch, K).
    """
    # Inputs
    photos = keras.Input((image_size, image_size, 3), name="photos")
    # Layers
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescale")(photos)
    for i, (filters, kernel, stride) in enumerate(blocks):
        x = _block(x, filters, kernel, stride, name=f"block{i + 1}")
    x = layers.GlobalAveragePooling2D(name=POOLED)(x)
    x = layers.Dropout(DROPOUT, name="dropout")(x)
    logits = layers.Dense(n_stages, name="logits", dtype="float32")(x)
    # Functional model
    return keras.Model(photos, logits, name="scratch_cnn")


def _block(x: Any, filters: int, kernel: int, stride: int, *, name: str) -> Any:
    x = layers.Conv2D(
        filters,
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    # A faster moving average than Keras's default: a fold on a few hundred photos has only a few hundred steps.
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)
