"""The map's layout: groups stay together, the same input gives the same map, and new photos move nothing much."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.core.projection import SIDE, Known, aligned_to, lay_out, map_quality, place_new, quantised
from classifier.core.projection import layout as layout_module
from classifier.core.projection.neighbours import nearest


def groups(n: int, *, n_groups: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(n_groups, 24))
    of = np.arange(n) % n_groups
    return (centres[of] + rng.normal(scale=0.25, size=(n, 24))).astype(np.float32), of


def purity(points: np.ndarray, of: np.ndarray) -> float:
    """Share of points whose nearest other point is of their group."""
    rows, _ = nearest(points, points, 2)
    other = np.where(rows[:, 0] == np.arange(len(points)), rows[:, 1], rows[:, 0])
    return float((of[other] == of).mean())


@pytest.fixture(scope="module")
def laid():
    X, of = groups(300)
    return X, of, lay_out(X, seed=5)


def test_groups_stay_together_and_the_map_can_be_trusted(laid):
    X, of, layout = laid
    assert layout.points.shape == (300, 2)
    assert purity(layout.points, of) > 0.98
    quality = map_quality(X, layout.points, seed=0)
    shuffled = map_quality(X, np.random.default_rng(0).permutation(layout.points), seed=0)
    assert quality.trustworthiness > 0.9 > shuffled.trustworthiness
    assert quality.recall > 0.25 > shuffled.recall


def test_the_same_photos_give_the_same_map(laid):
    X, _, layout = laid
    again = lay_out(X, seed=5)
    assert np.array_equal(layout.points, again.points)
    assert not np.array_equal(layout.points, lay_out(X, seed=6).points)


def test_a_map_that_follows_another_leaves_photos_where_they_were(laid):
    X, _, before = laid
    more = np.concatenate([X, groups(30, seed=9)[0]])
    after = lay_out(more, seed=5, known=Known(np.arange(300), before.points))
    anew = lay_out(more, seed=5)
    span = np.ptp(before.points, axis=0).max()
    moved = np.median(np.linalg.norm(after.points[:300] - before.points, axis=1)) / span
    loose = aligned_to(anew.points, rows=np.arange(300), target=before.points)[:300]
    assert after.is_warm
    assert moved < 0.05
    assert moved < np.median(np.linalg.norm(loose - before.points, axis=1)) / span


def test_photos_beyond_the_landmarks_are_placed_among_their_like(monkeypatch):
    monkeypatch.setattr(layout_module, "LANDMARKS", 120)
    X, of = groups(400, seed=2)
    layout = lay_out(X, seed=1)
    assert len(layout.landmarks) == 120
    assert purity(layout.points, of) > 0.95


def test_new_photos_lie_among_those_like_them(laid):
    X, _, layout = laid
    placed = place_new(X[:50] + 1e-3, among=X, points=layout.points)
    span = np.ptp(layout.points, axis=0).max()
    assert np.linalg.norm(placed - layout.points[:50], axis=1).max() < 0.1 * span
    assert place_new(X[:0], among=X, points=layout.points).shape == (0, 2)


@given(
    angle=st.floats(0, 6.28), scale=st.floats(0.1, 10), shift=st.floats(-50, 50), mirrored=st.booleans(),
    seed=st.integers(0, 50),
)  # fmt: skip
def test_a_turned_map_is_turned_back(angle, scale, shift, mirrored, seed):
    points = np.random.default_rng(seed).normal(size=(20, 2)).astype(np.float32)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    seen = points * ([-1, 1] if mirrored else [1, 1]) @ turn * scale + shift
    back = aligned_to(seen.astype(np.float32), rows=np.arange(10), target=points[:10])
    assert np.allclose(back, points, atol=1e-2)


def test_too_few_shared_photos_turn_nothing():
    points = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    assert np.array_equal(aligned_to(points, rows=np.arange(2), target=points[:2] + 9), points)
    spot = np.zeros((5, 2), np.float32)
    assert np.array_equal(aligned_to(spot, rows=np.arange(5), target=points), spot)


@given(st.integers(1, 40), st.integers(1, 200), st.integers(0, 99))
def test_nearest_is_exact(n_queries, n_among, seed):
    rng = np.random.default_rng(seed)
    queries, among = rng.normal(size=(n_queries, 4)).astype("f4"), rng.normal(size=(n_among, 4)).astype("f4")
    count = min(3, n_among)
    rows, distances = nearest(queries, among, count)
    full = np.linalg.norm(queries[:, None] - among[None], axis=2)
    assert np.allclose(distances, np.sort(full, axis=1)[:, :count], atol=1e-3)
    assert np.allclose(np.take_along_axis(full, rows, axis=1), distances, atol=1e-3)


@given(st.integers(1, 300), st.integers(0, 99), st.floats(1e-3, 1e6))
def test_whole_numbers_keep_the_map_s_shape(n, seed, scale):
    points = (np.random.default_rng(seed).uniform(size=(n, 2)) * scale).astype(np.float32)
    whole = quantised(points)
    assert whole.dtype == np.uint16
    assert whole.max(initial=0) <= SIDE
    if n > 2:
        inside = ((whole > 0) & (whole < SIDE)).all(axis=1)
        one, other = np.flatnonzero(inside)[[0, -1]]
        wanted = points[other] - points[one]
        found = whole[other].astype(float) - whole[one]
        factor = (SIDE / 1.04) / np.ptp(np.quantile(points, [0.0005, 0.9995], axis=0), axis=0).max()
        assert np.allclose(found, wanted * factor, atol=1e-3 * SIDE)


def test_copies_of_one_photo_and_broken_vectors():
    X = np.tile(np.arange(1.0, 9.0, dtype=np.float32), (40, 1))
    assert np.isfinite(lay_out(X, seed=0).points).all()
    X[3, 2] = np.nan
    with pytest.raises(ValueError, match="finite"):
        lay_out(X, seed=0)
    with pytest.raises(ValueError, match="map of 9"):
        lay_out(X[:9], seed=0)
