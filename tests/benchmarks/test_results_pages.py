"""The pages of the study show what was measured, in both languages, and so do their drawings."""

from __future__ import annotations

import json

import pytest

from docs.results_figures import PAGES, RESULTS, charts, figures, with_figures
from docs.results_words import LEARNERS, LEVERS, ROWS, SETS, WORDS


@pytest.mark.parametrize("language", PAGES)
def test_the_page_shows_the_results_as_they_are(language):
    page = PAGES[language].read_text("utf-8")
    results = json.loads(RESULTS.read_text("utf-8"))
    assert with_figures(page, results, language) == page, "run python -m docs.results_figures"


def test_the_drawings_are_those_of_the_results():
    for path, drawing in charts(json.loads(RESULTS.read_text("utf-8"))).items():
        assert path.read_text("utf-8") == drawing, "run python -m docs.results_figures"


def test_both_languages_say_the_same_things():
    for words in (ROWS, SETS, LEVERS, LEARNERS, WORDS):
        assert words["en"].keys() == words["es"].keys()


def test_a_missed_goal_and_a_missing_set_are_said():
    results = json.loads(RESULTS.read_text("utf-8"))
    name, table = next(iter(results["tables"].items()))
    cut = {**table["error_cut"], "value": 0.12, "holds": False}
    one = {name: {**table, "error_cut": cut}}
    found = figures({**results, "tables": one, "skipped": {"banana-ripeness": "no photos"}}, "en")
    assert "takes away 12 % of A0's errors" in found
    assert "the goal of 60 % is missed" in found
    assert "Not run: no photos." in found
