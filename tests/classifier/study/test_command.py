"""The command from end to end, on few generated photos and linear learners."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command


def _study(tmp_path, *words):
    said = io.StringIO()
    call_command(
        "study", "--folder", str(tmp_path / "study"), "--results", str(tmp_path / "study.json"), "--shared",
        str(tmp_path), "--networks", "linear", "--side", "16", "--seeds", "1", "--folds", "2", "--per-stage", "8",
        *words, stdout=said,
    )  # fmt: skip
    return said.getvalue(), json.loads((tmp_path / "study.json").read_text())


@pytest.fixture
def _no_weights(settings):
    settings.KERAS_WEIGHTS_DIR = ""


@pytest.mark.usefixtures("_no_weights")
def test_the_study_runs_reports_and_says_what_is_missing(tmp_path):
    said, found = _study(tmp_path, "--arm", "A0", "--arm", "A1", "--arm", "A5", "--arm", "expert")
    assert "skipped: dandelion-stages: no photos" in said
    assert "8/8 generated seed 1/1 fold 2/2 A5" in said
    assert set(found["skipped"]) == {"dandelion-stages", "banana-ripeness"}
    table = found["tables"]["generated"]
    assert (table["photos"], table["stages"], table["is_pretrained"]) == (56, 7, False)
    assert set(table["rows"]) == {"A0", "A1", "A5"}
    assert found["figures"]["generated_error_cut"]["goal"] == 0.6
    again, same = _study(tmp_path, "--arm", "A0", "--arm", "A1", "--arm", "A5", "--arm", "expert", "--report")
    assert "cells" not in again
    assert same == found


@pytest.mark.usefixtures("_no_weights")
def test_a_row_that_there_is_none_of_is_refused(tmp_path):
    with pytest.raises(CommandError, match="no such row: A7"):
        _study(tmp_path, "--set", "generated", "--arm", "A7", "--per-stage", "1")
