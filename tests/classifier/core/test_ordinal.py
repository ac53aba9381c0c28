"""Runs of stages that hold most of a distribution."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.core.ordinal import likely_ranges


@given(st.integers(1, 7), st.integers(1, 6), st.floats(0.05, 1.0), st.integers(0, 999))
def test_the_narrowest_run_that_holds_enough(k, n, mass, seed):
    probas = np.random.default_rng(seed).dirichlet(np.full(k, 0.5), size=n)
    lower, upper = likely_ranges(probas, mass)
    for row in range(n):
        first, last = lower[row], upper[row]
        assert 0 <= first <= last < k
        assert probas[row, first : last + 1].sum() >= mass - 1e-6
        shorter = [probas[row, at : at + last - first].sum() for at in range(k - (last - first) + 1)]
        assert last == first or max(shorter) < mass


def test_by_hand():
    lower, upper = likely_ranges(np.array([[0.1, 0.5, 0.39, 0.01], [0.25] * 4, [0, 0, 0, 1.0]]), 0.89)
    assert list(zip(lower.tolist(), upper.tolist(), strict=True)) == [(1, 2), (0, 3), (3, 3)]
    assert likely_ranges(np.zeros((0, 3)), 0.9)[0].shape == (0,)


def test_what_does_not_sum_to_one_keeps_every_stage():
    lower, upper = likely_ranges(np.array([[0.2, 0.2, 0.2]]), 0.9)
    assert (lower[0], upper[0]) == (0, 2)
