"""The page on the classes tells the figures that were measured."""

from __future__ import annotations

import json

from docs.class_structure_figures import PAGE, RESULTS, with_figures


def test_the_page_shows_the_figures_of_the_file():
    page = PAGE.read_text("utf-8")
    assert with_figures(page, json.loads(RESULTS.read_text("utf-8"))) == page, (
        "run python -m docs.class_structure_figures"
    )
