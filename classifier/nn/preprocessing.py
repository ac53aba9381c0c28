"""From uint8 photos of any size to what a network takes."""

from __future__ import annotations

import numpy as np
from PIL import Image

from classifier.core.contracts import Array


def resize_images(images: Array, size: int) -> Array:
    """Resize square-ish photos to size x size.

    Args:
        images: uint8 (n, h, w, 3), array or memmap.
        size: Pixels.

    Returns:
        uint8 (n, size, size, 3); the input itself, uncopied, when nothing has to change.
    """
    if images.shape[1:3] == (size, size):
        return images
    resized = np.empty((len(images), size, size, 3), dtype=np.uint8)
    for i, image in enumerate(images):
        # BILINEAR averages over the source pixels when it shrinks, so there is no aliasing.
        resized[i] = Image.fromarray(np.asarray(image)).resize((size, size), Image.Resampling.BILINEAR)
    return resized
