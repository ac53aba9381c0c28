"""Tiny photos whose stage is their brightness of green."""

from __future__ import annotations

import numpy as np

from classifier.core.contracts import TrainingConfig, TrainingData

SIDE = 16


def tiny_data(n=48, n_stages=3, side=SIDE, seed=0, **changes):
    rng = np.random.default_rng(seed)
    stages = np.arange(n) % n_stages
    images = rng.integers(0, 40, (n, side, side, 3), dtype=np.uint8)
    images[..., 1] += (stages * (200 // n_stages)).astype(np.uint8)[:, None, None]
    given = {
        "images": images,
        "targets": np.eye(n_stages, dtype=np.float32)[stages],
        "groups": np.arange(n) // 2,
        "is_held_out": np.arange(n) % 12 >= 10,
        "is_ordered": True,
    }
    return TrainingData(**{**given, **changes})


def tiny_config(**changes):
    given = {
        "folds": 2,
        "epochs": 2,
        "batch_size": 16,
        "image_size": SIDE,
        "bootstrap": 50,
        "members": ("scratch_cnn",),
    }
    return TrainingConfig(**{**given, **changes})
