"""A tiny set of photos whose colour tells their stage, and networks that are counted."""

from __future__ import annotations

import numpy as np

from classifier.study.fits import LinearNetworks
from classifier.study.photo_sets import PhotoSet


def tiny_set(name: str = "tiny", n_stages: int = 4, per_stage: int = 24, seed: int = 0) -> PhotoSet:
    """Stages are shades of red, with noise that makes neighbours hard to tell apart."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(n_stages), per_stage)
    red = 60 + 40 * truth + rng.normal(0, 12, len(truth))
    images = rng.integers(0, 40, (len(truth), 12, 12, 3)).astype(np.uint8)
    images[..., 0] = np.clip(red, 0, 255)[:, None, None]
    features = np.stack([red, *rng.normal(0, 1, (3, len(truth)))], axis=1).astype(np.float32)
    groups = np.array([f"plant-{k % 12}" for k in range(len(truth))])
    return PhotoSet(name, images, images[:, 2:10, 2:10], features, "tiny", True, truth, groups)


class CountedNetworks(LinearNetworks):
    """Linear ones that count their fits and may refuse."""

    def __init__(self, at_most: int | None = None) -> None:
        super().__init__(side=4)
        self.fits, self._at_most = 0, at_most

    def scores(self, *args, **kwargs):
        if self._at_most is not None and self.fits >= self._at_most:
            raise KeyboardInterrupt
        self.fits += 1
        return super().scores(*args, **kwargs)
