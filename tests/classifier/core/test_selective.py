from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from classifier.core.selective import area_under_risk_coverage, fit_abstention, selective_accuracy


@given(st.integers(1, 40), st.integers(0, 2**31))
def test_all_photos_give_the_plain_accuracy_and_order_means_nothing(n, seed):
    rng = np.random.default_rng(seed)
    confidence, correct = rng.integers(0, 5, n) / 5, rng.random(n) < 0.6
    (everything,) = selective_accuracy(confidence, correct, [1.0])
    assert everything == pytest.approx(correct.mean())
    order = rng.permutation(n)
    assert selective_accuracy(confidence[order], correct[order]) == pytest.approx(
        selective_accuracy(confidence, correct)
    )
    assert area_under_risk_coverage(confidence[order], correct[order]) == pytest.approx(
        area_under_risk_coverage(confidence, correct)
    )


@given(hnp.arrays(bool, st.integers(1, 40)))
def test_no_order_beats_the_oracles_and_none_is_worse_than_its_reverse(correct):
    oracle = correct.astype(float)
    other = np.random.default_rng(0).random(len(correct))
    best, worst = area_under_risk_coverage(oracle, correct), area_under_risk_coverage(-oracle, correct)
    assert best - 1e-9 <= area_under_risk_coverage(other, correct) <= worst + 1e-9


def test_a_known_case():
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    correct = np.array([True, True, False, True])
    assert selective_accuracy(confidence, correct, [0.5, 0.75, 1.0]) == pytest.approx([1.0, 2 / 3, 0.75])
    assert area_under_risk_coverage(confidence, correct) == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)
    assert selective_accuracy(np.zeros(0), np.zeros(0, bool), [0.9]) == [0.0]
    assert area_under_risk_coverage(np.zeros(0), np.zeros(0, bool)) == 0.0


def photos(n_groups, rng):
    confidence = rng.random(n_groups * 3)
    return confidence, rng.random(len(confidence)) < 0.6 + 0.39 * confidence, np.arange(n_groups).repeat(3)


def test_what_is_answered_keeps_the_promise_in_19_of_20_worlds():
    rng = np.random.default_rng(0)
    broken, answered = 0, []
    for _ in range(100):
        confidence, correct, groups = photos(150, rng)
        threshold = fit_abstention(confidence, correct, groups, accuracy=0.85, n_resamples=200)
        if threshold is None:
            continue
        answered.append(1 - threshold)
        # Accuracy at or above a threshold t is 0.6 + 0.39 (1 + t) / 2.
        broken += 0.6 + 0.39 * (1 + threshold) / 2 < 0.85
    assert broken <= 10
    assert np.mean(answered) > 0.4


def test_nothing_is_answered_where_no_threshold_is_good_enough():
    confidence, correct, groups = photos(100, np.random.default_rng(0))
    assert fit_abstention(confidence, correct, groups, accuracy=0.999) is None
    assert fit_abstention(np.zeros(0), np.zeros(0, bool), np.zeros(0), accuracy=0.5) is None
    sure = fit_abstention(confidence, np.ones(len(correct), bool), groups, accuracy=0.8)
    assert sure == pytest.approx(confidence.min())
