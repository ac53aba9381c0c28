"""Stacking, calibration and blending."""

import numpy as np
import pytest
from hypothesis import given, settings

from classifier.core.blending import blend, fit_head_share
from classifier.core.calibration import apply_temperature, fit_temperature
from classifier.core.metrics import negative_log_likelihood
from classifier.core.pooling import log_linear_pool, softmax
from classifier.core.stacking import fit_stacking_weights
from tests.classifier.core.strategies import distributions, labelled


def noisy(labels, sharpness, seed, k=5):
    rng = np.random.default_rng(seed)
    return softmax(sharpness * np.eye(k)[labels] + rng.normal(size=(len(labels), k)))


LABELS = np.random.default_rng(0).integers(0, 5, 400)
TARGETS = np.eye(5)[LABELS]


@given(labelled(min_rows=2))
@settings(max_examples=40)
def test_stacking_weights_are_a_distribution_and_not_worse_than_equal(case):
    probas, targets, _ = case
    members = [probas, probas[:, ::-1], np.full_like(probas, 1 / probas.shape[1])]
    weights = fit_stacking_weights(members, targets, prior_rows=0.0)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()
    equal = negative_log_likelihood(log_linear_pool(members, [1 / 3] * 3), targets)
    assert negative_log_likelihood(log_linear_pool(members, weights.tolist()), targets) <= equal + 1e-6


def test_stacking_prefers_the_better_member_and_few_photos_stay_near_equal():
    good, bad = noisy(LABELS, 3.0, 1), noisy(LABELS, 0.0, 2)
    many = fit_stacking_weights([good, bad], TARGETS)
    few = fit_stacking_weights([good[:5], bad[:5]], TARGETS[:5], prior_rows=200)
    assert many[0] > 0.9
    assert abs(few[0] - 0.5) < 0.1


@given(distributions())
def test_temperature_keeps_the_order_of_stages(probas):
    scaled = apply_temperature(probas, 2.5)
    assert np.allclose(scaled.sum(axis=1), 1)
    top = probas.argmax(axis=1)
    assert np.allclose(scaled[np.arange(len(top)), top], scaled.max(axis=1))


def test_temperature_is_found_again():
    rng = np.random.default_rng(3)
    honest = softmax(rng.normal(size=(4000, 5)) * 2)
    labels = np.array([rng.choice(5, p=row) for row in honest])
    overconfident = apply_temperature(honest, 0.4)
    assert fit_temperature(overconfident, np.eye(5)[labels]) == pytest.approx(2.5, rel=0.1)
    assert fit_temperature(np.zeros((0, 5)), np.zeros((0, 5))) == 1.0


def test_head_share_follows_who_is_right():
    good, bad = noisy(LABELS, 3.0, 1), noisy(LABELS, 0.2, 2)
    assert fit_head_share(good, bad, TARGETS) < 0.2
    assert fit_head_share(bad, good, TARGETS) > 0.8
    assert fit_head_share(bad[:0], good[:0], TARGETS[:0]) == 0.5


def test_blend_ends_are_the_parts():
    a, b = noisy(LABELS, 1.0, 1), noisy(LABELS, 1.0, 2)
    assert np.allclose(blend(a, b, 0.0), a)
    assert np.allclose(blend(a, b, 1.0), b)
    with pytest.raises(ValueError, match="head_share"):
        blend(a, b, 1.5)
