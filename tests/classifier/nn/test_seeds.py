"""Seeds of folds: projects draw theirs from 31 bits, and Keras refuses more than 32."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.nn.network_member import fold_seed

pytestmark = pytest.mark.nn


@given(seed=st.integers(0, 2**31 - 1), fold=st.integers(0, 20))
def test_every_fold_of_every_project_has_a_seed_that_keras_takes(seed: int, fold: int) -> None:
    assert 0 <= fold_seed(seed, fold) < 2**32
    assert fold_seed(seed, fold) == fold_seed(seed, fold)
    assert fold_seed(seed, fold) != fold_seed(seed, fold + 1)
