"""Runs that are left and gone on with, and what the siamese benchmark feeds them."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.nn


def built():
    import keras

    keras.utils.set_random_seed(0)
    vectors = keras.Input((3,))
    network = keras.Model(vectors, keras.layers.Dense(1)(vectors))
    network.compile(keras.optimizers.Adam(0.02), "mse", jit_compile=False)
    return network


def batch(step):
    X = np.random.default_rng([0, step]).normal(size=(16, 3)).astype(np.float32)
    return X, (X @ np.array([[1.0], [-2.0], [0.5]])).astype(np.float32)


def gone(path, steps, **more):
    from benchmarks.long_runs import LongRun

    run = LongRun(built(), path)
    options = {"minutes": 60.0, "look_every": 20, "look": lambda: {"seen": 1.0}, "on_look": lambda row: None} | more
    run.go(batch, most_steps=steps, **options)
    return run


def test_a_run_in_pieces_is_the_run_in_one(tmp_path):
    whole = gone(tmp_path / "whole.npz", 60)
    for steps in (20, 40, 60):
        pieces = gone(tmp_path / "pieces.npz", steps)
    assert pieces.step == whole.step == 60
    assert [row["step"] for row in pieces.curve] == [20, 40, 60]
    assert [row["loss"] for row in pieces.curve] == [row["loss"] for row in whole.curve]
    for first, second in zip(pieces.network.get_weights(), whole.network.get_weights(), strict=True):
        assert np.array_equal(first, second)
    ends = zip(pieces.with_average().get_weights(), whole.with_average().get_weights(), strict=True)
    assert all(np.array_equal(first, second) for first, second in ends)


def test_looks_see_the_average_and_training_goes_on_with_the_weights(tmp_path):
    from benchmarks.long_runs import LongRun

    run = LongRun(built(), tmp_path / "state.npz")
    before, seen = run.network.get_weights()[0], []

    def look():
        seen.append(run.network.get_weights()[0])
        return {}

    run.go(batch, minutes=60.0, look_every=10, look=look, most_steps=20, on_look=lambda row: None)
    after = run.network.get_weights()[0]
    assert len(seen) == 2
    assert not np.allclose(seen[-1], after)
    # The average lies on the way from where it began to where the weights are.
    assert np.abs(seen[-1] - before).sum() < np.abs(after - before).sum()


def test_a_run_ends_with_its_minutes_and_keeps_what_it_learned(tmp_path):
    path = tmp_path / "state.npz"
    run = gone(path, None, minutes=0.0)
    assert run.step == 1
    assert path.exists()
    assert gone(path, None, minutes=0.0).step == 2


@pytest.mark.parametrize(
    ("values", "name", "said"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "validation", True),
        ([0.1, 0.2, 0.5, 0.5, 0.5, 0.5], "validation", False),
        ([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "loss", True),
        ([0.1, 0.2, 0.3], "validation", None),
    ],
)
def test_what_counts_as_still_improving(values, name, said):
    from benchmarks.long_runs import is_improving

    assert is_improving([{name: value} for value in values], name, margin=0.01) is said


def test_pairs_weigh_a_half_each_way_and_the_score_is_the_networks_logit():
    import keras

    from benchmarks.bench_siamese import AllPairs, BalancedCrossentropy, comparing
    from classifier.nn.few_shot.encoders import build_conv4

    flat = BalancedCrossentropy()(np.eye(5, dtype=np.float32), np.zeros((5, 5), np.float32))
    assert float(flat) == pytest.approx(np.log(2), abs=1e-6)
    logits = np.full((5, 5), -50.0, np.float32)
    assert float(BalancedCrossentropy()(np.eye(5, dtype=np.float32), logits)) == pytest.approx(25.0, abs=1e-3)

    keras.utils.set_random_seed(0)
    network = AllPairs(build_conv4(16))
    drawings = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 1), dtype=np.uint8)
    network(drawings / np.float32(255))
    network.balance(drawings / np.float32(255))
    logits = np.asarray(network(drawings / np.float32(255)))
    encode, score = comparing(network, 16)
    vectors = encode(drawings)
    bias = float(np.asarray(network.same.bias)[0])
    assert np.allclose(score(vectors[4:, None], vectors[:4]) + bias, logits, atol=1e-4)


def test_a_new_network_starts_between_the_two_answers():
    import keras

    from benchmarks.bench_siamese import AllPairs
    from classifier.nn.few_shot.encoders import build_conv4

    keras.utils.set_random_seed(0)
    network = AllPairs(build_conv4(16))
    rng = np.random.default_rng(0)
    first = rng.random((30, 16, 16, 1)).astype(np.float32)
    drawings = np.concatenate([first, first + 0.02 * rng.random(first.shape).astype(np.float32)])
    network(drawings[:4])
    network.balance(drawings)
    logits = np.asarray(network(drawings, training=True))
    is_same = np.eye(30, dtype=bool)
    assert logits[is_same].min() > 0 > logits[~is_same].mean()
    assert logits[~is_same].std() == pytest.approx(1.0, abs=0.05)
