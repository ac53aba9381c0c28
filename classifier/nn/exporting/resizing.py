"""Resizing inside a graph exactly as photos are resized while they are served: Pillow's bilinear filter.

Keras's own antialiased resizing is an operation that neither ONNX nor a phone's interpreter knows. For fixed sizes a
filter is a matrix, applied to the columns and then to the rows, with Pillow's rounding to whole grey levels after each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import layers, ops

from classifier.core.contracts import Array


def bilinear_matrix(source: int, target: int) -> Array:
    """Weights (target, source) of Pillow's BILINEAR filter; each row sums to one."""
    scale = source / target
    support = max(scale, 1.0)
    centres = (np.arange(target) + 0.5) * scale
    first = np.maximum((centres - support + 0.5).astype(int), 0)
    last = np.minimum((centres + support + 0.5).astype(int), source)
    places = np.arange(source)
    weights = np.maximum(1.0 - np.abs((places - centres[:, None] + 0.5) / support), 0.0)
    weights *= (places >= first[:, None]) & (places < last[:, None])
    return weights / weights.sum(axis=1, keepdims=True)


def resized(pixels: Any, source: int, target: int) -> Any:
    """Resize a tensor of grey levels (batch, source, source, 3) to (batch, target, target, 3)."""
    kernel = bilinear_matrix(source, target).T.astype(np.float32)
    across = layers.EinsumDense("bhwc,wv->bhvc", output_shape=(source, target, 3), name=f"columns_{target}")
    down = layers.EinsumDense("bhwc,hg->bgwc", output_shape=(target, target, 3), name=f"rows_{target}")
    columns = _whole_levels(across(pixels))
    rows = _whole_levels(down(columns))
    for layer in (across, down):
        layer.set_weights([kernel])
    return rows


def _whole_levels(values: Any) -> Any:
    return ops.floor(ops.clip(values, 0.0, 255.0) + 0.5)
