"""The page of the simulated season says what was measured."""

from __future__ import annotations

import json

from docs.season_figures import PAGE, PICTURE, RESULTS, picture, with_figures


def test_the_page_shows_the_results() -> None:
    results = json.loads(RESULTS.read_text("utf-8"))
    page = PAGE.read_text("utf-8")
    assert with_figures(page, results) == page, "run python -m docs.season_figures"
    assert picture(results) == PICTURE.read_text("utf-8"), "run python -m docs.season_figures"


def test_the_season_had_what_it_is_there_for() -> None:
    """At least three trainings after the first model, one kept out by the gate, one way back that lost nothing."""
    results = json.loads(RESULTS.read_text("utf-8"))
    states = [training["state"] for training in results["trainings"]]
    after = results["trainings"][states.index("promoted") + 1 :]
    assert len(after) >= 3
    assert any(it["state"] == "rejected" and it["epochs"] == 1 for it in after)
    assert results["rollback"]["share_unchanged"] == 1.0
    assert results["weeks"][-1]["version"] is not None
