"""The page on calibration shows what was measured, and the worlds of the study hold what they should."""

from __future__ import annotations

import json

from benchmarks.study_calibration import _calibration
from benchmarks.study_specialists import _world
from classifier.core.pooling import softmax
from docs.calibration_figures import PAGE, RESULTS, with_figures
from tests.classifier.core.test_evaluation_report import season


def test_the_page_shows_the_results_as_they_are() -> None:
    page = PAGE.read_text("utf-8")
    found = [json.loads((RESULTS / f"{name}.json").read_text("utf-8")) for name in ("calibration", "specialists")]
    assert with_figures(page, *found) == page, "run python -m docs.calibration_figures"


def test_a_world_without_a_cue_ships_nothing() -> None:
    assert _world(1000, has_cue=False).verdict.outcome in {"no_pairs", "no_gain", "not_proven"}


def test_the_floor_is_what_an_exact_confidence_reads_and_a_wrong_one_reads_more() -> None:
    photos = season(n=600)
    truth = photos.targets.argmax(axis=1)
    sharpened = softmax(3 * photos.probas)
    wrong = _calibration(sharpened, (truth + 1) % 5, seed=0)
    assert 0.01 < wrong["ece_floor"] < 0.1
    assert wrong["ece"] > 3 * wrong["ece_floor"]
