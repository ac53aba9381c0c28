from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import Figure, Times, figure_of, percentile, text_table, write_results

durations = st.lists(st.floats(0, 1e6), min_size=1, max_size=50)


@given(durations, st.floats(0.01, 1))
def test_a_percentile_was_measured_and_bounds_its_share(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= math.ceil(share * len(values))
    assert sum(value < found for value in values) < math.ceil(share * len(values))


def test_percentiles_of_known_values() -> None:
    values = [float(number) for number in range(1, 101)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.95) == 95
    assert percentile([3.0], 0.95) == 3
    assert percentile([2.0, 1.0], 0.5) == 1


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 0), ([1.0], 1.1)])
def test_no_percentile_of_nothing(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="no percentile"):
        percentile(values, share)


def test_a_time_is_quoted_as_median_and_p95_of_n_in_ms() -> None:
    times = Times()
    for number in range(1, 21):
        times.add(number / 1000)
    assert figure_of(times, goal=19).as_json() == {
        "value": 19, "unit": "ms", "median": 10, "p95": 19, "peer": None, "limit": None, "goal": 19, "holds": True,
        "n": 20,
    }  # fmt: skip
    assert figure_of(times, goal=18.9).holds is False
    assert figure_of(times).holds is None


def test_results_are_written_in_the_agreed_shape_and_a_quick_run_replaces_no_full_one(tmp_path) -> None:
    figures = {"next": Figure(12.3456, "ms", 5, goal=20, limit=1.23456, peer={"doccano": {"absent": "no network"}})}
    full = write_results("labelling", figures, {"cores": 2}, mode="full", folder=tmp_path, extra={"plans": []})
    quick = write_results("labelling", figures, {"cores": 2}, mode="quick", folder=tmp_path)
    assert (full.name, quick.name) == ("labelling.json", "labelling.quick.json")
    assert json.loads(full.read_text()) == {
        "machine": {"cores": 2},
        "figures": {
            "next": {
                "value": 12.346, "unit": "ms", "peer": {"doccano": {"absent": "no network"}}, "limit": 1.235,
                "goal": 20, "holds": True, "n": 5,
            }
        },
        "plans": [],
    }  # fmt: skip


def test_the_table_says_what_fails_and_which_peer_is_absent() -> None:
    table = text_table(
        {
            "next_10k": Figure(25.04, "ms", 300, goal=20, median=9.99, limit=0.5, peer={"ls": {"p95": 162.4}}),
            "duplicates": Figure(0, "count", 8000, goal=0, peer={"doccano": {"absent": "not installed"}}),
        }
    ).splitlines()
    assert table[0].split() == ["figure", "value", "median", "goal", "holds", "limit", "peers", "n"]
    assert table[1].split() == ["next_10k", "25.0", "ms", "9.99", "20", "NO", "0.50", "ls", "162", "300"]
    assert table[2].split() == ["duplicates", "0", "count", "0", "yes", "doccano", "absent", "8000"]


def test_a_floor_is_kept_from_above():
    assert Figure(0.96, "share", 3, goal=0.95, is_floor=True).holds is True
    assert Figure(0.94, "share", 3, goal=0.95, is_floor=True).holds is False
    assert Figure(0.94, "share", 3, goal=0.95).holds is True
