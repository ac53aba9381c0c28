from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from classifier.study.fold import StudyOptions, joined, part_of
from classifier.study.plan import ARMS, EVERY_ROW, Cell
from classifier.study.rows import RowFile
from classifier.study.runner import StudyPlan, finished_rows, run, time_left
from classifier.study.table import Results
from tests.classifier.study.worlds import CountedNetworks, tiny_set

PHOTOS = tiny_set()
CARELESS = StudyOptions(slips=1.5)
SOME = ("A0", "A1", "A2", "A3-trial", "A5")


def _plan(folder, **changes):
    return StudyPlan(**{"seeds": 1, "folds": 2, "folder": folder, "options": CARELESS, **changes})


def _run(folder, networks=None, photos=PHOTOS, say=lambda line: None, **changes):
    return run({photos.name: photos}, networks or CountedNetworks(), _plan(folder, **changes), say=say)


def _plain(rows):
    return {cell: (row.predicted, row.parts, row.minutes) for cell, row in rows.items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return _run(tmp_path_factory.mktemp("whole"))


def test_every_row_of_every_fold_is_scored_on_photos_it_has_not_seen(whole):
    assert len(whole) == 2 * len(EVERY_ROW)
    for arm in EVERY_ROW:
        rows = [row for cell, row in whole.items() if cell.arm == arm]
        assert sorted(photo for row in rows for photo in row.photos) == list(range(len(PHOTOS.truth)))
        assert not set(rows[0].groups) & set(rows[1].groups)


def test_colour_is_learned(whole):
    right = [np.mean(np.array(row.predicted) == row.truth) for cell, row in whole.items() if cell.arm == "A0"]
    assert np.mean(right) > 0.6


def test_the_table_of_the_whole(whole):
    found = Results(whole).document()
    assert (found["n_seeds"], found["n_folds"], found["photos_scored"]) == (1, 2, len(PHOTOS.truth))
    assert set(found["subsets"]) == set(ARMS)
    gained = found["subsets"]["A5"]["value"] - found["subsets"]["A0"]["value"]
    assert sum(share["value"] for share in found["shapley"].values()) == pytest.approx(gained)
    assert [it["arm"] for it in found["planned"]] == ["A1", "A2", "A3-trial", "A4"]
    assert all(it["p"] <= it["p_holm"] for it in found["planned"])
    assert found["rows"]["A2"]["minutes"] == found["rows"]["A2-random"]["minutes"] > found["rows"]["A0"]["minutes"]
    assert found["ceiling"]["panel_right"]["value"] > found["ceiling"]["expert_right"]["value"]
    wrong = found["ceiling"]["training_labels_wrong"]
    assert wrong["A2"] < wrong["raw"]


def test_killed_at_any_cell_and_started_again_it_ends_the_same(whole, tmp_path):
    for cells in (1, 7):
        folder = tmp_path / str(cells)
        with pytest.raises(KeyboardInterrupt):
            _run(folder, say=_KilledAfter(cells), arms=SOME)
        before = finished_rows({PHOTOS.name: PHOTOS}, CountedNetworks(), _plan(folder, arms=SOME))
        assert len(before) == cells
        lines = (folder / "cells.jsonl").read_text().splitlines()
        rows = _run(folder, arms=SOME)
        assert len(rows) == 2 * len(SOME)
        assert _plain(rows) == {cell: _plain(whole)[cell] for cell in rows}
        assert (folder / "cells.jsonl").read_text().splitlines()[: len(lines)] == lines, (
            "a finished cell was made again"
        )


class _KilledAfter:
    """Dies when so many cells have been finished; the first line counts none."""

    def __init__(self, cells):
        self.left = cells + 1

    def __call__(self, line):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def test_killed_within_a_cell_the_fits_it_had_finished_are_kept(tmp_path):
    first = CountedNetworks(at_most=2)
    with pytest.raises(KeyboardInterrupt):
        _run(tmp_path, first, arms=["A2"])
    second, alone = CountedNetworks(), CountedNetworks()
    rows = _run(tmp_path, second, arms=["A2"])
    assert _plain(_run(tmp_path / "alone", alone, arms=["A2"])) == _plain(rows)
    assert second.fits == alone.fits - 2


def test_a_line_that_was_cut_short_is_made_again(whole, tmp_path):
    _run(tmp_path, arms=["A0", "A1"])
    path = tmp_path / "cells.jsonl"
    path.write_text(path.read_text()[:-40])
    rows = _run(tmp_path, arms=["A0", "A1"])
    assert _plain(rows) == {cell: _plain(whole)[cell] for cell in rows}
    assert len(RowFile(path).read({PHOTOS.name: next(iter(rows.values())).settings})) == 4


def test_cells_of_other_settings_are_not_taken_for_these(tmp_path):
    _run(tmp_path, arms=["A0"])
    networks = CountedNetworks()
    _run(tmp_path, networks, arms=["A0"], options=StudyOptions(slips=0.5))
    assert networks.fits > 0
    again = CountedNetworks()
    _run(tmp_path, again, arms=["A0"])
    assert again.fits == 0


def test_gold_is_read_only_to_score(whole, tmp_path, monkeypatch):
    """The same experts and another gold: every choice and every prediction stays."""
    from classifier.study import runner

    panel, folds = runner.simulated_panel, runner.grouped_folds
    monkeypatch.setattr(runner, "simulated_panel", lambda truth, k, **seeded: panel(PHOTOS.truth, k, **seeded))
    monkeypatch.setattr(runner, "grouped_folds", lambda truth, groups, **asked: folds(PHOTOS.truth, groups, **asked))
    false = dataclasses.replace(PHOTOS, truth=PHOTOS.truth[::-1].copy())
    arms = ["A0", "A5", "A2-random", "A3-trial", "A4-rival", "prototypes@5"]
    rows = _run(tmp_path, photos=false, arms=arms)
    assert {cell: value[0] for cell, value in _plain(rows).items()} == {
        cell: value[0] for cell, value in _plain(whole).items() if cell.arm in arms
    }


def test_progress_says_how_many_are_done_and_how_long_it_may_take(tmp_path):
    lines = []
    _run(tmp_path, arms=["expert", "panel"], say=lines.append)
    assert lines[0] == "4 cells, 0 finished before"
    assert lines[-1].startswith("4/4 tiny seed 1/1 fold 2/2 panel: ")
    assert "to go" in lines[-1]


def test_the_time_left_goes_by_what_cells_of_an_arm_took():
    waiting = [Cell(0, "x", 1, "A0"), Cell(0, "x", 1, "A1"), Cell(0, "x", 1, "A5")]
    assert time_left({"A0": [10.0, 20.0], "A1": [3.0]}, waiting) == pytest.approx(15 + 3 + 11)
    assert time_left({}, waiting) == 0.0


def test_partitions():
    assert joined(5, [(1, 2), (2, 3)]) == ((0,), (1, 2, 3), (4,))
    assert part_of(((0,), (1, 2, 3), (4,))).tolist() == [0, 1, 1, 1, 2]
