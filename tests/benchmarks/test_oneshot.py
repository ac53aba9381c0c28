"""The protocols of the one-shot benchmark; its trainings take minutes and are not run here."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import bench_oneshot
from benchmarks.feature_sets import SHARED
from benchmarks.omniglot import Drawings, bent, load_trials

HAS_DATA = (SHARED / "data" / "omniglot" / "all_runs.zip").exists()
N_EACH = 6


def drawings(n_alphabets=7, n_characters=25, seed=0):
    """Pictures of 4 x 4 pixels, a little different for every drawer; the ink of a character is its own."""
    rng = np.random.default_rng(seed)
    n = n_alphabets * n_characters
    ink = rng.integers(0, 200, (n, 4, 4, 1))
    X = np.repeat(ink, N_EACH, axis=0) + rng.integers(0, 20, (n * N_EACH, 4, 4, 1))
    return Drawings(X.astype(np.uint8), np.arange(n).repeat(N_EACH), np.arange(n_alphabets).repeat(n_characters))


def vectors(X):
    return X.reshape(len(X), -1) / 255.0


def test_some_alphabets_are_numbered_anew():
    whole = drawings()
    part = whole.of_alphabets(np.array([5, 2]))
    assert set(part.alphabets) == {2, 5}
    assert len(part.alphabets) == 50
    assert [len(rows) for rows in part.rows] == [N_EACH] * 50
    first = part.X[part.characters == 0]
    assert np.array_equal(first, whole.X[whole.characters == 50])


def test_quarter_turns_are_characters_and_alphabets_of_their_own():
    whole = drawings()
    turned = whole.with_rotations()
    assert len(turned.X) == 4 * len(whole.X)
    assert len(turned.alphabets) == 4 * len(whole.alphabets)
    assert np.array_equal(turned.X[turned.characters == 175][0], np.rot90(whole.X[0]))
    assert set(turned.alphabets[175:350]) == set(range(7, 14))


def test_bent_drawings_stay_drawings_and_unbent_ones_themselves(monkeypatch):
    rng = np.random.default_rng(0)
    drawings = np.zeros((40, 21, 21, 1), np.uint8)
    drawings[:, 6:15, 9:12] = 255
    found = bent(drawings, rng)
    assert found.shape == drawings.shape
    assert found.min() >= 0
    assert found.max() <= 1
    ink = found.sum(axis=(1, 2, 3)) / 27
    assert (ink > 0.6 * 0.64).all()
    assert (ink < 1.5 * 1.44).all(), "scales of 0.8 to 1.2 a side, and what shear and edges add"
    assert len(np.unique(ink.round(3))) > 20
    monkeypatch.setattr(np, "where", lambda drawn, first, second: np.broadcast_to(second, drawn.shape).astype(float))
    assert np.allclose(bent(drawings, rng), drawings / 255.0, atol=1e-5)


@pytest.mark.parametrize("is_near", [True, False])
def test_a_training_episode_has_its_ways_and_a_near_one_few_alphabets(is_near):
    known = drawings(n_alphabets=20)
    rng = np.random.default_rng(0)
    chosen = [bench_oneshot.characters(known, rng, is_near=is_near) for _ in range(20)]
    assert all(len(np.unique(classes)) == bench_oneshot.WAY for classes in chosen)
    n_alphabets = np.mean([len(np.unique(known.alphabets[classes])) for classes in chosen])
    assert n_alphabets == 3 if is_near else n_alphabets > 15
    small = drawings(n_alphabets=40, n_characters=5)
    assert len(np.unique(bench_oneshot.characters(small, rng, is_near=True))) == bench_oneshot.WAY


def test_tests_are_won_by_who_sees_the_character_and_lost_to_chance_by_who_does_not():
    data = drawings()
    seen, noise = vectors(data.X), np.random.default_rng(0).normal(size=(len(data.X), 5))
    for score in (
        bench_oneshot._nearest,
        lambda support, queries: bench_oneshot._attention(support, queries, scale=20),
    ):
        for found, low, high in ((seen, 0.95, 1.0), (noise, 0.0, 0.1)):
            accuracy = bench_oneshot.any_alphabet(data, found, score, n_way=20, k_shot=1, n=60, seed=0)
            assert low <= accuracy <= high
            assert low <= bench_oneshot.within_alphabet(data, found, score, seed=0, n=60) <= high


def test_more_examples_help():
    data = drawings()
    blurred = vectors(data.X) + 0.5 * np.random.default_rng(0).normal(size=(len(data.X), 16))
    one, five = (
        bench_oneshot.any_alphabet(data, blurred, bench_oneshot._nearest, n_way=5, k_shot=k, n=100, seed=0)
        for k in (1, 5)
    )
    assert five > one + 0.05


@pytest.mark.skipif(not HAS_DATA, reason="no drawings in the folder shared/data/omniglot beside the repository")
def test_the_nearest_picture_wins_a_fifth_of_the_400_trials():
    trials = load_trials(28)
    assert not isinstance(trials, str)
    assert trials.answers.shape == (20, 20)
    assert all(sorted(answers) == list(range(20)) for answers in trials.answers)
    assert bench_oneshot.lake(trials, vectors, bench_oneshot._nearest) == pytest.approx(0.2075, abs=0.01)


def test_absent_data_are_said(tmp_path):
    assert "no all_runs.zip" in str(load_trials(28, shared=tmp_path))
