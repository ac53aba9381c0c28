"""From uint8 photos of any size to what a network takes."""

from __future__ import annotations

from typing import Protocol

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
        resized[i] = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR))
    return resized


class Photos(Protocol):
    """Photos that are read a slice at a time: an array, a memmap or one of the views below."""

    def __len__(self) -> int:
        """Number of photos."""

    def __getitem__(self, part: slice, /) -> Array:
        """Photos uint8 (m, h, w, 3)."""


class RowsOf:
    """Some rows of photos, read a slice at a time, so that a memmap is never loaded whole.

    Args:
        images: uint8 (n, h, w, 3), array or memmap.
        rows: Which, in order.
    """

    def __init__(self, images: Array, rows: Array) -> None:
        self._images, self._rows = images, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, part: slice, /) -> Array:
        return self._images[self._rows[part]]


class ResizedTo:
    """Photos at another size, resized a slice at a time.

    Args:
        images: uint8 (n, h, w, 3).
        size: Pixels.
    """

    def __init__(self, images: Photos, size: int) -> None:
        self._images, self._size = images, size

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, part: slice, /) -> Array:
        return resize_images(self._images[part], self._size)
