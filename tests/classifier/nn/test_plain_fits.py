from __future__ import annotations

import numpy as np
import pytest

from classifier import runtime

pytestmark = pytest.mark.nn


def test_a_plain_fit_learns_colours_and_gives_the_same_scores_for_the_same_seed():
    rng = np.random.default_rng(0)
    stages = np.arange(40) % 2
    images = rng.integers(0, 60, (40, 16, 16, 3)).astype(np.uint8)
    images[..., 0] += (150 * stages).astype(np.uint8)[:, None, None]
    targets = np.eye(2, dtype=np.float32)[stages]
    targets[30:] = 0.0
    fits = runtime.plain_fits(epochs=2, min_steps=12)
    asked = {"rows": np.arange(30), "asked": np.arange(30, 40), "tau": 0.0}
    scored = fits.scores(images, targets, **asked, seed=1)
    assert scored.shape == (10, 2)
    assert np.allclose(scored.sum(axis=1), 1)
    assert (scored.argmax(axis=1) == stages[30:]).all()
    assert np.allclose(fits.scores(images, targets, **asked, seed=1), scored, atol=1e-5)
    assert not np.allclose(fits.scores(images, targets, **asked, seed=2), scored, atol=1e-3)
    assert fits.settings["epochs"] == 2
