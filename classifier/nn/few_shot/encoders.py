"""Convolutional encoders of the few-shot papers."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

#: (filters, kernel) of Koch's convolutions; all but the last are followed by 2 x 2 max pooling.
KOCH_BLOCKS = ((64, 10), (128, 7), (128, 4), (256, 4))
KOCH_UNITS = 4096
#: The same shape for photos of 64 pixels and two CPU cores.
SMALL_BLOCKS = ((32, 5), (64, 5), (64, 4), (128, 4))
SMALL_UNITS = 256


def build_conv4(side: int, channels: int = 1, *, filters: int = 64) -> keras.Model:
    """Build the four-block network of Matching and Prototypical Networks.

    Each block is conv 3 x 3, batch normalisation, ReLU, 2 x 2 max pooling; 112 000 weights for 64 filters.

    Args:
        side: Side of the square input; 28 in both papers for Omniglot.
        channels: Of the input.
        filters: Of every block.

    Returns:
        A model from float (batch, side, side, channels), about 0..1, to (batch, (side // 16)**2 * filters).

    References:
        Vinyals et al., "Matching Networks for One Shot Learning", NeurIPS 2016, section 4.1.
        Snell et al., "Prototypical Networks for Few-shot Learning", NeurIPS 2017, section 3.1.
    """
    if side < 16:
        raise ValueError(f"four poolings need a side of at least 16 pixels, not {side}")
    pictures = keras.Input((side, side, channels), name="pictures")
    x: Any = pictures
    for i in range(4):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"block{i + 1}_conv")(x)
        # A faster moving average than Keras's default: a short training ends before that one has settled.
        x = layers.BatchNormalization(momentum=0.9, name=f"block{i + 1}_norm")(x)
        x = layers.ReLU(name=f"block{i + 1}_relu")(x)
        x = layers.MaxPooling2D(2, name=f"block{i + 1}_pool")(x)
    return keras.Model(pictures, layers.Flatten(name="vector")(x), name="conv4")


def build_koch_encoder(
    side: int,
    channels: int = 1,
    *,
    blocks: tuple[tuple[int, int], ...] = KOCH_BLOCKS,
    units: int = KOCH_UNITS,
) -> keras.Model:
    """Build one twin of Koch's siamese network.

    At 105 pixels with the default blocks it has 38.9 M weights. Initial values are the paper's: convolutions
    N(0, 0.01) with biases N(0.5, 0.01), the dense layer N(0, 0.2); L2 regularisation 2e-4 on the kernels.

    Args:
        side: Side of the square input; 105 in the paper.
        channels: Of the input.
        blocks: (filters, kernel) of the convolutions; `SMALL_BLOCKS` suits 64 pixels.
        units: Of the dense layer.

    Returns:
        A model from float (batch, side, side, channels), about 0..1, to (batch, units) in 0..1.

    Raises:
        ValueError: The pictures are too small for the kernels.

    References:
        Koch, Zemel, Salakhutdinov, "Siamese Neural Networks for One-shot Image Recognition", ICML Deep Learning
        Workshop 2015, sections 3.1 and 3.2.
    """
    pictures = keras.Input((side, side, channels), name="pictures")
    x: Any = pictures
    left = side
    for i, (filters, kernel) in enumerate(blocks):
        if left < kernel:
            raise ValueError(f"pictures of {side} px are too small for a kernel of {kernel} in layer {i + 1}")
        x = layers.Conv2D(
            filters,
            kernel,
            activation="relu",
            kernel_initializer=keras.initializers.RandomNormal(0.0, 0.01),
            bias_initializer=keras.initializers.RandomNormal(0.5, 0.01),
            kernel_regularizer=keras.regularizers.L2(2e-4),
            name=f"conv{i + 1}",
        )(x)
        left = left - kernel + 1
        if i < len(blocks) - 1:
            x = layers.MaxPooling2D(2, name=f"pool{i + 1}")(x)
            left //= 2
    x = layers.Flatten(name="flat")(x)
    vector = layers.Dense(
        units,
        activation="sigmoid",
        kernel_initializer=keras.initializers.RandomNormal(0.0, 0.2 if units == KOCH_UNITS else 0.05),
        bias_initializer=keras.initializers.RandomNormal(0.5, 0.01),
        kernel_regularizer=keras.regularizers.L2(1e-4),
        name="vector",
    )(x)
    return keras.Model(pictures, vector, name="koch")
