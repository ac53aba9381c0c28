from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tables import PAGE, figure_table, page_with_tables

FIGURES: dict[str, dict[str, Any]] = {
    "next_10k": {
        "value": 12.3456, "unit": "ms", "median": 8.5, "goal": 20, "holds": True, "limit": 0.4, "n": 300,
        "peer": {"label_studio": {"median": 70, "p95": 162.1, "n": 200, "tasks": 10000}, "doccano": {"absent": "why"}},
    },
    "submit_10k": {"value": 31.0, "unit": "ms", "goal": 30, "holds": False, "limit": None, "peer": None, "n": 300},
}  # fmt: skip


@pytest.fixture
def results(tmp_path: Path) -> Path:
    machine = {"cores": 2, "load_average": [0.1, 0.2, 0.3], "peers": {"doccano": "not installed"}}
    (tmp_path / "labelling.json").write_text(json.dumps({"machine": machine, "figures": FIGURES}))
    return tmp_path


def test_a_table_has_a_row_per_figure_and_no_empty_column() -> None:
    assert figure_table(FIGURES).splitlines() == [
        "| figure | value | median | goal | holds | limit | Label Studio | doccano | n |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| next 10k | 12.3 ms | 8.5 | 20 | yes | 0.4 | 162 (10000) | absent | 300 |",
        "| submit 10k | 31 ms |  | 30 | **no** |  |  |  | 300 |",
    ]


def test_only_what_stands_between_the_marks_is_replaced(results: Path) -> None:
    page = "# Title\n\n<!-- figures: labelling submit -->\nstale\n<!-- end -->\n\nProse.\n"
    made = page_with_tables(page, results)
    assert made.startswith("# Title\n\n<!-- figures: labelling submit -->\n\n| figure")
    assert made.endswith("<!-- end -->\n\nProse.\n")
    assert "stale" not in made
    assert "next 10k" not in made
    assert "2 cores; load average before 0.1, 0.2, 0.3; doccano: not installed." in made
    assert page_with_tables(made, results) == made, "made twice it is the same"


def test_what_was_not_measured_says_how_to(results: Path) -> None:
    made = page_with_tables("<!-- figures: keypress -->\n<!-- end -->", results)
    assert "`python -m benchmarks.bench_keypress`" in made


def test_every_figure_of_the_results_is_in_the_page() -> None:
    page = page_with_tables(PAGE.read_text(encoding="utf-8"))
    for name in ("labelling", "keypress"):
        path = Path("benchmarks/results") / f"{name}.json"
        if path.exists():
            for figure in json.loads(path.read_text())["figures"]:
                assert f"| {figure.replace('_', ' ')} |" in page, figure
