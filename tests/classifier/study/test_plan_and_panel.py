from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.study.panel import cost_of, reviewed_labels, simulated_panel
from classifier.study.plan import ARMS, EVERY_ROW, LEVERS, UnknownRow, planned_cells


def test_every_combination_of_levers_has_one_name():
    assert len(ARMS) == len(set(ARMS.values())) == 16
    assert ARMS["A0"] == frozenset()
    assert ARMS["A5"] == frozenset(LEVERS)
    assert ARMS["A2"] == {"curation"}
    assert ARMS["A1+A3"] == {"algorithms", "classes"}
    assert ARMS["A5-A4"] == frozenset(LEVERS) - {"specialists"}


def test_a_fold_of_every_set_comes_before_the_next_fold_and_a_seed_before_the_next():
    cells = list(planned_cells(["x", "y"], seeds=2, folds=2, arms=["A1", "A0"]))
    assert len(cells) == 2 * 2 * 2 * 2
    assert [(cell.seed, cell.fold, cell.photo_set, cell.arm) for cell in cells[:5]] == [
        (0, 0, "x", "A0"), (0, 0, "x", "A1"), (0, 0, "y", "A0"), (0, 0, "y", "A1"), (0, 1, "x", "A0"),
    ]  # fmt: skip


def test_a_row_that_there_is_none_of_is_named():
    with pytest.raises(UnknownRow, match="no such row: A9"):
        list(planned_cells(["x"], seeds=1, folds=2, arms=["A0", "A9"]))
    assert len(set(EVERY_ROW)) == len(EVERY_ROW)


@given(st.integers(2, 7), st.integers(0, 20))
def test_experts_slip_to_neighbours_only(n_stages, seed):
    truth = np.arange(60) % n_stages
    panel = simulated_panel(truth, n_stages, seed=seed)
    assert (np.abs(panel.opinions - truth[:, None]) <= 1).all()
    assert panel.opinions.min() >= 0
    assert panel.opinions.max() < n_stages


def test_a_panel_without_slips_says_the_truth_and_the_middle_of_three_beats_one():
    truth = np.arange(700) % 7
    assert (simulated_panel(truth, 7, seed=1, slips=0.0).opinions == truth[:, None]).all()
    panel = simulated_panel(truth, 7, seed=1)
    assert (panel.median == truth).mean() > (panel.raw == truth).mean() + 0.05
    assert (panel.second != panel.raw).any()


def test_a_review_changes_only_the_photos_that_were_looked_at():
    panel = simulated_panel(np.arange(140) % 7, 7, seed=2)
    rows = np.arange(0, 140, 3)
    labels = reviewed_labels(panel, rows)
    others = np.setdiff1d(np.arange(140), rows)
    assert (labels[rows] == panel.median[rows]).all()
    assert (labels[others] == panel.raw[others]).all()
    assert (panel.raw == simulated_panel(np.arange(140) % 7, 7, seed=2).raw).all(), "raw labels were changed"


def test_minutes_count_one_opinion_a_photo_and_two_more_a_review():
    cost = cost_of(60, 30, 10.0)
    assert (cost.labelled, cost.minutes) == (60, 20.0)
