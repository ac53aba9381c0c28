from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.study.plan import LEVERS, all_subsets
from classifier.study.statistics import error_cut, holm, shapley_values, sign_flip_p

WORTH = st.lists(st.floats(-10, 10), min_size=16, max_size=16)
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=6)


def _worth(numbers):
    return dict(zip(all_subsets(), numbers, strict=True))


@given(WORTH)
def test_shares_sum_to_what_all_reach_over_none(numbers):
    worth = _worth(numbers)
    shares = shapley_values(worth, LEVERS)
    assert sum(shares.values()) == pytest.approx(worth[frozenset(LEVERS)] - worth[frozenset()], abs=1e-9)


@given(WORTH, st.sampled_from(LEVERS), st.floats(-5, 5))
def test_a_lever_that_always_adds_the_same_gets_just_that(numbers, lever, gain):
    without = {levers: value for levers, value in _worth(numbers).items() if lever not in levers}
    worth = {**without, **{levers | {lever}: value + gain for levers, value in without.items()}}
    assert shapley_values(worth, LEVERS)[lever] == pytest.approx(gain, abs=1e-9)


@given(WORTH, st.sampled_from(list(combinations(LEVERS, 2))))
def test_levers_that_can_be_swapped_get_the_same(numbers, pair):
    swap = {pair[0]: pair[1], pair[1]: pair[0]}
    worth = _worth(numbers)
    alike = {
        levers: (value + worth[frozenset(swap.get(it, it) for it in levers)]) / 2 for levers, value in worth.items()
    }
    shares = shapley_values(alike, LEVERS)
    assert shares[pair[0]] == pytest.approx(shares[pair[1]], abs=1e-9)


def test_shares_of_columns_are_the_shares_of_each_photo():
    columns = np.random.default_rng(0).normal(size=(16, 5))
    shares = shapley_values(_worth(columns), LEVERS)
    for photo in range(5):
        alone = shapley_values(_worth(columns[:, photo]), LEVERS)
        assert all(shares[lever][photo] == pytest.approx(alone[lever]) for lever in LEVERS)


def test_shares_need_every_subset():
    worth = _worth(range(16))
    del worth[frozenset(LEVERS)]
    with pytest.raises(ValueError, match="all 16 subsets, not of 15"):
        shapley_values(worth, LEVERS)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(P_VALUES)
def test_holm_lies_between_the_p_value_and_bonferroni_and_keeps_the_order(p_values):
    adjusted = holm(p_values)
    for p, q in zip(p_values, adjusted, strict=True):
        assert p <= q + 1e-12
        assert q <= min(1.0, len(p_values) * p) + 1e-12 or q <= max(adjusted)
    for i, j in combinations(range(len(p_values)), 2):
        if p_values[i] < p_values[j]:
            assert adjusted[i] <= adjusted[j]


def test_no_difference_is_no_evidence_and_a_large_one_is():
    groups = np.repeat(np.arange(30), 4)
    assert sign_flip_p(np.zeros(120), groups, n_draws=1000) == 1.0
    assert sign_flip_p(np.ones(120), groups, n_draws=1000) < 0.01


def test_photos_of_one_plant_are_one_piece_of_evidence():
    paired = np.ones(40)
    apart = sign_flip_p(paired, np.arange(40), n_draws=2000)
    together = sign_flip_p(paired, np.repeat([0, 1], 20), n_draws=2000)
    assert apart < 0.01
    assert together == pytest.approx(0.5, abs=0.05)


def test_p_values_of_chance_are_even():
    rng = np.random.default_rng(3)
    found = [sign_flip_p(rng.normal(size=40), np.arange(40), n_draws=1000, random_state=k) for k in range(200)]
    assert np.mean(np.array(found) <= 0.1) == pytest.approx(0.1, abs=0.06)


def test_error_cut_by_hand():
    before = np.array([False, False, False, False, True, True])
    after = np.array([True, True, True, False, True, True])
    value, low, high = error_cut(before, after, np.arange(6))
    assert value == 0.75
    assert low <= value <= high
    assert error_cut(np.ones(4, bool), np.ones(4, bool), np.arange(4)) == (0.0, 0.0, 0.0)


def test_more_errors_than_before_are_a_negative_cut():
    value, _, _ = error_cut(np.array([False, True, True]), np.array([False, False, True]), np.arange(3))
    assert value == -1.0
