"""The pages on one-shot learning and on starts without labels show what was measured."""

from __future__ import annotations

import json

from docs import self_supervised_figures
from docs.one_shot_figures import IMAGES, PAGE, RESULTS, curves_picture, pictures, results, with_figures


def test_the_page_and_its_pictures_show_the_results_as_they_are() -> None:
    found = results()
    page = PAGE.read_text("utf-8")
    assert with_figures(page, found) == page, "run python -m docs.one_shot_figures"
    for name, text in pictures(found).items():
        assert (IMAGES / name).read_text("utf-8") == text, "run python -m docs.one_shot_figures"


def test_what_falls_short_is_said() -> None:
    found = results()
    figure = json.loads((RESULTS / "memory.json").read_text("utf-8"))["figures"]["sight_2"]
    found["memory"]["figures"]["sight_2"] = figure | {"value": 0.61, "holds": False}
    assert "| memory on vectors, sight 2: at least 70.0 % | 61.0 % | **no** |" in with_figures(
        PAGE.read_text("utf-8"), found
    )


def test_what_was_not_measured_says_so(tmp_path) -> None:
    found = results(tmp_path)
    assert found == {"oneshot": {}, "siamese": {}, "memory": {}, "memory_pixels": {}}
    assert "| Siamese network, Koch's own, 105 px | not measured" in with_figures(PAGE.read_text("utf-8"), found)


def test_a_curve_spans_its_picture() -> None:
    text = curves_picture({"a < b": [(0.0, 0.0), (10.0, 1.0)]}, "title", "minutes")
    assert 'points="56.0,276.0 736.0,40.0"' in text
    assert "a &lt; b" in text


def test_the_page_on_starts_without_labels_shows_the_results_as_they_are() -> None:
    page = self_supervised_figures.PAGE.read_text("utf-8")
    found = json.loads(self_supervised_figures.RESULTS.read_text("utf-8"))
    made = self_supervised_figures.with_figures(page, found)
    assert made == page, "run python -m docs.self_supervised_figures"
