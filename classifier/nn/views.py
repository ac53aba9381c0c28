"""How a small frozen network is read: what its maps hold at several depths, over several views of the photo.

The mean of the last map is made for telling a thousand kinds of things apart. Stages of one plant differ in colour, in
texture and in small parts, which earlier maps and the spread of a channel over the photo still tell; and what a photo
is about is mostly in its middle, where an enlarged view sees more of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

#: Share of the sides that the enlarged view keeps.
MIDDLE = 0.7
N_VIEWS = 4


def read_through_views(network: keras.Model, photos: Any, taps: Sequence[str]) -> Any:
    """Read photos by the maps of some layers.

    The views are the photo, its enlarged middle, and both mirrored; a photo and its mirror image have one vector.

    Args:
        network: From ``keras.applications``, frozen.
        photos: Symbolic (batch, side, side, 3), scaled as the network wants it.
        taps: Names of layers, whose maps are (batch, h, w, channels).

    Returns:
        Symbolic float32 (batch, d): of each tap the mean of its channels, then their standard deviation over the
        map; d is twice the channels of all taps.
    """
    maps = keras.Model(network.input, [network.get_layer(tap).output for tap in taps], name="maps")
    maps.trainable = False
    # One call on all views: one copy of the network in the graph, and full batches for it.
    read = maps(_views(photos), training=False)
    vectors = layers.Concatenate(dtype="float32")([pooled for tap in read for pooled in _pooled(tap)])
    return ops.mean(ops.reshape(vectors, (N_VIEWS, -1, vectors.shape[-1])), axis=0)


def _views(photos: Any) -> Any:
    """Views one after the other: symbolic (4 * batch, side, side, 3)."""
    side = int(photos.shape[1])
    edge = round(side * (1 - MIDDLE) / 2)
    middle = ops.image.resize(photos[:, edge : side - edge, edge : side - edge], (side, side), interpolation="bilinear")
    seen = ops.concatenate([photos, middle], axis=0)
    return ops.concatenate([seen, ops.flip(seen, axis=2)], axis=0)


def _pooled(tap: Any) -> tuple[Any, Any]:
    tap = ops.cast(tap, "float32")
    return ops.mean(tap, axis=(1, 2)), ops.std(tap, axis=(1, 2))
