"""How likely a label is wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.core.label_quality import (
    confident_learning,
    normalised_margin,
    ordinal_quality,
    self_confidence,
)

SCORES = (self_confidence, normalised_margin, ordinal_quality)


@st.composite
def noisy(draw, max_rows=80):
    """(probas (n, K), labels (n,)): calibrated probabilities around hidden stages, some labels wrong."""
    n, k = draw(st.integers(1, max_rows)), draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    truth = rng.integers(0, k, n)
    labels = np.where(rng.random(n) < 0.15, rng.integers(0, k, n), truth)
    logits = 2.0 * np.eye(k)[truth] + rng.normal(size=(n, k))
    probas = np.exp(logits)
    return probas / probas.sum(axis=1, keepdims=True), labels


@given(noisy())
def test_scores_are_bounded_and_certainty_is_their_end(case):
    probas, labels = case
    for score in SCORES:
        assert score(probas, labels).shape == labels.shape
        assert (score(probas, labels) >= 0).all()
        assert (score(probas, labels) <= 1).all()
        assert np.allclose(score(np.eye(probas.shape[1])[labels], labels), 1)
    others = (labels + 1) % probas.shape[1]
    for score in SCORES:
        assert np.allclose(score(np.eye(probas.shape[1])[others], labels), 0)


@given(noisy())
def test_ordinal_quality_is_never_below_self_confidence_and_mirrors(case):
    probas, labels = case
    quality = ordinal_quality(probas, labels)
    assert (quality >= self_confidence(probas, labels) - 1e-9).all()
    assert np.allclose(quality, ordinal_quality(probas[:, ::-1], probas.shape[1] - 1 - labels))


def test_mass_on_both_sides_speaks_for_a_label_and_on_one_side_against():
    around, beside = np.array([[0.3, 0.4, 0.3]]), np.array([[0.6, 0.4, 0.0]])
    assert self_confidence(around, [1]) == self_confidence(beside, [1])
    assert ordinal_quality(around, [1]) > ordinal_quality(beside, [1])


class TestConfidentLearning:
    @settings(max_examples=60)
    @given(noisy())
    def test_joint_keeps_the_counts_and_flags_are_not_the_likeliest(self, case):
        probas, labels = case
        k = probas.shape[1]
        for rule in ("noise_rate", "off_diagonal"):
            found = confident_learning(probas, labels, rule=rule)
            assert (found.joint.sum(axis=1) == np.bincount(labels, minlength=k)).all()
            assert (found.joint >= 0).all()
            assert 0 <= found.noise_rate <= 1
            assert not (found.is_flagged & (probas.argmax(axis=1) == labels)).any()

    @settings(max_examples=60)
    @given(noisy(), st.integers(0, 99))
    def test_order_of_photos_does_not_matter(self, case, seed):
        probas, labels = case
        rows = np.random.default_rng(seed).permutation(len(labels))
        one, two = confident_learning(probas, labels), confident_learning(probas[rows], labels[rows])
        assert (one.joint == two.joint).all()
        assert (one.is_flagged[rows] == two.is_flagged).all()

    def test_finds_planted_errors_and_their_share(self):
        rng = np.random.default_rng(0)
        truth = rng.integers(0, 4, 2000)
        is_wrong = rng.random(2000) < 0.1
        labels = np.where(is_wrong, (truth + rng.integers(1, 4, 2000)) % 4, truth)
        logits = 3.0 * np.eye(4)[truth] + rng.normal(size=(2000, 4))
        probas = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        found = confident_learning(probas, labels)
        assert is_wrong[found.is_flagged].mean() > 0.8
        assert found.is_flagged[is_wrong].mean() > 0.7
        assert found.noise_rate == pytest.approx(0.1, abs=0.03)

    def test_a_stage_without_labels_claims_nobody(self):
        probas = np.tile([0.2, 0.2, 0.6], (6, 1))
        found = confident_learning(probas, np.array([0, 0, 0, 1, 1, 1]))
        assert np.isinf(found.thresholds[2])
        assert found.joint[:, 2].sum() == 0

    def test_no_labels(self):
        found = confident_learning(np.zeros((0, 3)), np.zeros(0, int))
        assert found.is_flagged.shape == (0,)
        assert found.noise_rate == 0

    def test_unknown_rule(self):
        with pytest.raises(ValueError, match="rule"):
            confident_learning(np.eye(2), np.array([0, 1]), rule="best")


@pytest.mark.parametrize("score", [*SCORES, confident_learning])
class TestBadInput:
    def test_labels_outside_the_scale(self, score):
        for wrong in (-1, 3):
            with pytest.raises(ValueError, match="labels"):
                score(np.full((1, 3), 1 / 3), np.array([wrong]))

    def test_shapes_that_do_not_fit(self, score):
        with pytest.raises(ValueError, match="labels"):
            score(np.full((2, 3), 1 / 3), np.zeros(3, int))

    def test_numbers_that_are_not_finite(self, score):
        with pytest.raises(ValueError, match="finite"):
            score(np.full((1, 3), np.nan), np.zeros(1, int))
