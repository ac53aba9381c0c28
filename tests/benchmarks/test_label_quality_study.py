"""The page on label quality shows what was measured, and the noise of the study is the noise it names."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.study_label_quality import with_neighbour_flips
from docs.label_quality_figures import PAGE, RESULTS, with_figures


def test_the_page_shows_the_results_as_they_are() -> None:
    page = PAGE.read_text("utf-8")
    assert with_figures(page, json.loads(RESULTS.read_text("utf-8"))) == page, (
        "run python -m docs.label_quality_figures"
    )


@given(st.integers(1, 60), st.integers(2, 7), st.floats(0, 1), st.integers(0, 99))
def test_flips_go_to_a_neighbour_and_are_as_many_as_asked_for(n: int, n_stages: int, share: float, seed: int) -> None:
    truth = np.random.default_rng(seed).integers(0, n_stages, n)
    labels, is_wrong = with_neighbour_flips(truth, n_stages, share, seed)
    assert is_wrong.sum() == round(share * n)
    assert (np.abs(labels - truth) == is_wrong).all()
    assert labels.min() >= 0
    assert labels.max() < n_stages
