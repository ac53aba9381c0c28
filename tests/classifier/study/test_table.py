"""Merging classes by itself gains nothing in the table, however much it raises accuracy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.study.plan import Cell
from classifier.study.rows import Row
from classifier.study.table import Results, common_scale

FINE = [[0], [1], [2]]


def _row(arm, predicted, parts=FINE, truth=(0, 1, 2, 1, 0, 2), fold=0):
    groups = [f"g{k}" for k in range(len(truth))]
    return Row(Cell(0, "x", fold, arm), "s", list(range(len(truth))), groups, list(truth), predicted, parts, 10, 5.0)


def _table(*rows):
    return Results({row.cell: row for row in rows}).document()


def test_all_arms_are_scored_on_the_scale_that_one_of_them_proposes():
    a0 = _row("A0", [0, 2, 2, 2, 0, 1])
    a3 = _row("A3", [0, 1, 1, 1, 0, 1], parts=[[0], [1, 2]])
    found = _table(a0, a3)
    assert found["rows"]["A0"]["accuracy"]["value"] == 1.0
    assert found["rows"]["A3"]["over_a0"]["value"] == 0.0
    assert found["classes"]["folds_with_a_proposal"] == 1


def test_the_trial_is_held_against_a0_mapped_and_leaves_the_others_alone():
    a0 = _row("A0", [0, 2, 2, 1, 0, 0])
    trial = _row("A3-trial", [0, 1, 1, 1, 0, 1], parts=[[0], [1, 2]])
    found = _table(a0, trial)
    assert found["rows"]["A0"]["accuracy"]["value"] == 4 / 6
    assert found["rows"]["A3-trial"]["accuracy"]["value"] == 1.0
    assert np.isclose(found["rows"]["A3-trial"]["over_a0"]["value"], 1 / 6)
    assert np.isclose(found["classes"]["a0_mapped"]["value"], 5 / 6)


def test_only_folds_in_which_every_row_is_finished_count():
    rows = [_row("A0", [0] * 6), _row("A1", [0] * 6), _row("A0", [0] * 6, fold=1)]
    assert _table(*rows)["places"] == [[0, 0]]
    assert _table() == {}


def test_the_cut_of_errors_is_told_against_its_goal():
    found = _table(_row("A0", [1, 0, 1, 1, 1, 0]), _row("A5", [0, 1, 2, 1, 0, 0]))
    assert found["error_cut"]["value"] == 0.8
    assert found["error_cut"]["holds"]
    assert found["error_cut"]["best_arm"] == "A5"


CUTS = st.lists(st.booleans(), min_size=5, max_size=5)


@given(st.lists(CUTS, min_size=1, max_size=4))
def test_the_common_scale_joins_whatever_any_scale_joins_and_nothing_else(cuts):
    scales = [_scale(cut) for cut in cuts]
    found = common_scale(scales)
    together = {stage for scale in scales for part in scale for stage in part[1:]}
    assert {stage for part in found for stage in part[1:]} == together
    assert sorted(stage for part in found for stage in part) == list(range(6))


def _scale(cut):
    parts = [[0]]
    for stage, is_cut in enumerate(cut, start=1):
        if is_cut:
            parts.append([stage])
        else:
            parts[-1].append(stage)
    return parts
