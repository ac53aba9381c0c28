import numpy as np
import pytest

from classifier.core.descriptors import DIMENSION, SPACE, describe
from classifier.core.heads import Head, fit_head, out_of_fold_head_probas
from classifier.core.splits import fold_pairs, grouped_folds


@pytest.fixture(scope="module")
def ordered():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, 400)
    X = rng.normal(size=(400, 32))
    X[:, 0] += 2 * labels
    X[:, 1] -= labels
    X[:, 31] = 3.0  # a dead feature
    return X.astype(np.float16), np.eye(7, dtype=np.float32)[labels], rng.integers(0, 80, 400)


def test_learns_out_of_fold(ordered):
    X, targets, groups = ordered
    folds = fold_pairs(grouped_folds(targets.argmax(1), groups, n_folds=3))
    probas = out_of_fold_head_probas(X, targets, folds, strength=0.01)
    error = np.abs(probas.argmax(1) - targets.argmax(1))
    assert np.allclose(probas.sum(axis=1), 1)
    assert (error == 0).mean() > 0.4
    assert (error <= 1).mean() > 0.85


def test_arrays_round_trip_and_wrong_width_is_refused(ordered):
    X, targets, _ = ordered
    head = fit_head(X, targets)
    again = Head.from_arrays(head.to_arrays())
    assert np.array_equal(head.predict_proba(X), again.predict_proba(X))
    with pytest.raises(ValueError, match="32"):
        head.predict_proba(X[:, :5])


def test_gradient_matches_finite_differences(ordered):
    """At the minimum no small step may help: the penalised loss is convex."""
    X, targets, _ = ordered
    head = fit_head(X, targets, strength=1.0, tau=0.0, max_iterations=500)

    def loss(weights):
        standardised = (X.astype(np.float64) - head.mean) / head.scale
        logits = standardised @ weights + head.bias
        logits -= logits.max(axis=1, keepdims=True)
        data = (np.log(np.exp(logits).sum(axis=1)) - (targets * logits).sum(axis=1)).mean()
        return data + 0.5 * X.shape[1] / len(X) * (weights**2).sum()

    best = loss(head.weights)
    rng = np.random.default_rng(1)
    for _ in range(20):
        assert loss(head.weights + 0.05 * rng.normal(size=head.weights.shape)) > best - 1e-5


def test_strength_is_chosen_and_one_group_falls_back(ordered):
    X, targets, groups = ordered
    noise = np.random.default_rng(2).normal(size=X.shape)
    assert fit_head(noise, targets, groups=groups, strength=None).strength >= 1.0
    assert fit_head(X[:20], targets[:20], groups=np.zeros(20), strength=None).strength > 0


def test_one_label_is_enough_and_none_is_not(ordered):
    X, targets, _ = ordered
    assert fit_head(X[:1], targets[:1]).predict_proba(X).shape == (400, 7)
    with pytest.raises(ValueError, match="at least one"):
        fit_head(X[:0], targets[:0])


def test_descriptor_sees_colour_and_place():
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    green, half = red[..., [1, 0, 2]], red.copy()
    half[:32] = green[:32]
    flipped = half[::-1]
    found = describe(np.stack([red, green, half, flipped]))
    assert found.shape == (4, DIMENSION) == (4, SPACE.dimension)
    assert np.isfinite(found).all()
    assert np.linalg.norm(found[0] - found[1]) > np.linalg.norm(found[0] - found[2]) > 0.1
    assert np.linalg.norm(found[2] - found[3]) > 0.1
    large = describe(np.repeat(np.repeat(half[None], 3, axis=1), 3, axis=2))
    assert np.allclose(large[0], found[2], atol=0.05)
    assert describe(np.zeros((0, 8, 8, 3), np.uint8)).shape == (0, DIMENSION)
