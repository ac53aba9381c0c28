"""Hypothesis strategies for distributions, labels and groups."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


@st.composite
def distributions(draw, min_rows=1, max_rows=40, n_stages=None):
    """Arrays (n, K) whose rows sum to one; some rows are certain."""
    k = n_stages or draw(st.integers(2, 8))
    n = draw(st.integers(min_rows, max_rows))
    mass = draw(hnp.arrays(np.float64, (n, k), elements=st.floats(0, 1)))
    mass[np.arange(n), draw(hnp.arrays(np.int64, n, elements=st.integers(0, k - 1)))] += 1e-3
    return mass / mass.sum(axis=1, keepdims=True)


@st.composite
def labelled(draw, min_rows=1, max_rows=60):
    """(probas (n, K), one-hot targets (n, K), groups (n,))."""
    probas = draw(distributions(min_rows, max_rows))
    n, k = probas.shape
    labels = draw(hnp.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    groups = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 9)))
    return probas, np.eye(k)[labels], groups
