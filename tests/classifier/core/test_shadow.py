"""A candidate beside the version in use."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from classifier.core.shadow import ShadowComparison, compare, mcnemar


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_exact_test_is_the_binomial_one(first, second):
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert mcnemar(first, second) == pytest.approx(expected)
    assert mcnemar(first, second) == mcnemar(second, first)


@given(st.integers(1, 60), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_counts_and_difference_agree_and_turn_round_with_the_versions(n, seed):
    rng = np.random.default_rng(seed)
    serving, shadow = rng.random((2, n)) < 0.7
    groups = rng.integers(0, max(1, n // 2), n)
    found, turned = compare(serving, shadow, groups), compare(shadow, serving, groups)
    assert found.shadow_right - found.serving_right == found.only_shadow - found.only_serving
    assert found.difference == pytest.approx((found.shadow_right - found.serving_right) / n)
    assert found.low <= found.difference <= found.high
    assert (turned.difference, turned.p_value) == (-found.difference, found.p_value)
    assert found == compare(serving, shadow, groups)


def test_nothing_and_something_lopsided():
    nobody = np.zeros(0, bool)
    assert compare(nobody, nobody, nobody) == ShadowComparison(0, 0, 0, 0, 0, 0.0, -1.0, 1.0, 1.0)
    better = compare(np.arange(40) < 20, np.arange(40) < 36, np.arange(40))
    assert (better.only_shadow, better.only_serving) == (16, 0)
    assert better.low > 0
    assert better.p_value < 0.001
    with pytest.raises(ValueError, match="one entry per photo"):
        compare(nobody, np.ones(1, bool), nobody)
