"""Losses that learn without labels, and how the study draws and sums up; its trainings take minutes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

pytestmark = pytest.mark.nn
RNG = np.random.default_rng(0)


def views(n=16, d=8):
    return RNG.normal(size=(n, d)).astype(np.float32)


def test_simclr_is_low_where_views_find_each_other_and_at_chance_where_nothing_tells_them_apart():
    from benchmarks.self_supervised import simclr

    a = views()
    assert float(simclr(a, a, temperature=0.05)) < 0.2
    assert float(simclr(a, np.roll(a, 1, axis=0))) > float(simclr(a, a)) + 1
    same = np.ones((16, 8), np.float32)
    assert float(simclr(same, same)) == pytest.approx(np.log(31), abs=1e-3)


def test_vicreg_asks_for_likeness_for_spread_and_for_different_directions():
    from benchmarks.self_supervised import vicreg

    a = views(n=400)
    assert float(vicreg(a, a)) < 1
    assert float(vicreg(a, a + 0.5)) == pytest.approx(float(vicreg(a, a)) + 25 * 0.25, abs=0.05)
    flat = np.zeros_like(a)
    assert float(vicreg(flat, flat)) > 24
    twice = np.repeat(a[:, :1], 8, axis=1)
    assert float(vicreg(twice, twice)) > 10


def test_views_keep_their_colour():
    from benchmarks.self_supervised import VIEWS

    photos = np.tile(np.array([200, 160, 40], np.uint8), (64, 12, 12, 1))
    found = VIEWS.apply(photos, np.random.default_rng(0)).mean(axis=(1, 2))
    # Brightness shifts all channels alike, so their differences are what hue and saturation rest on.
    spread = found[:, 0] - found[:, 2]
    unclipped = (found < 254).all(axis=1) & (found > 1).all(axis=1)
    assert unclipped.sum() > 20
    assert np.abs(spread[unclipped] - 160).max() <= 0.02 * (200 + 40) + 1e-3


def test_a_start_is_learned_from_photos_alone_and_fits_the_network():
    from benchmarks.self_supervised import Start, drawn_start, learned_start, simclr, trunk_of
    from classifier.nn.cnn import build_cnn

    photos = RNG.integers(0, 256, (12, 16, 16, 3), dtype=np.uint8)
    found, losses = learned_start(photos, Start(simclr, steps=5, batch=8), seed=1)
    assert len(losses) == 5
    assert losses[-1] < losses[0]
    trunk = trunk_of(build_cnn(16, 5))
    trunk.set_weights(found)
    assert not np.allclose(found[0], drawn_start(photos, seed=1)[0], atol=1e-4)


def test_labels_are_drawn_from_the_pool_alone_and_evenly():
    from benchmarks.study_self_supervised import Photos, labelled

    y = np.repeat([0, 1, 2], [50, 50, 4])
    photos = Photos(np.zeros((104, 4, 4, 3), np.uint8), y, np.arange(104))
    pool = np.arange(0, 104, 2)
    rows = labelled(photos, pool, 10, np.random.default_rng(0))
    assert set(rows) <= set(pool)
    assert np.bincount(y[rows]).tolist() == [10, 10, 2]
    assert len(np.unique(rows)) == len(rows)


def test_gains_are_paired_by_seed():
    from benchmarks.study_self_supervised import summary

    drawn, gains = [0.5, 0.7, 0.9], [0.02, 0.03, 0.04]
    rows = [
        {
            "accuracies": {"drawn": {"probe_10": base}, "simclr": {"probe_10": base + gain}},
            "cpu_minutes": {"simclr": 1.0},
        }
        for base, gain in zip(drawn, gains, strict=True)
    ]
    figure = summary(rows)["simclr_gain_probe_10"]
    assert figure["mean"] == pytest.approx(0.03)
    half = stats.t.ppf(0.975, 2) * 0.01 / np.sqrt(3)
    assert figure["low"] == pytest.approx(0.03 - half, abs=1e-4)
    assert figure["high"] == pytest.approx(0.03 + half, abs=1e-4)
