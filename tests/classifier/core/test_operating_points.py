"""Thresholds that are served: coverage on photos like those they were fitted on, and what is stored of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.core.conformal import coverage_and_size
from classifier.core.operating_points import OperatingPoints, cross_fitted_sets, fit_operating_points
from classifier.core.pooling import softmax
from classifier.core.selective import answer_threshold
from tests.classifier.core.strategies import labelled


def season(n, rng, k=6):
    truth = rng.integers(0, k, n)
    seen = truth + 0.8 * rng.normal(size=n)
    return softmax(-((np.arange(k) - seen[:, None]) ** 2)), truth, np.arange(n)


def test_exchangeable_photos_are_covered_as_promised_fitted_and_cross_fitted():
    rng = np.random.default_rng(0)
    fitted, crossed = [], []
    for _ in range(40):
        points = fit_operating_points(*season(200, rng), coverage=0.9)
        probas, truth, groups = season(200, rng)
        fitted.append(coverage_and_size(points.conformal.sets(probas), truth)[0])
        sets = cross_fitted_sets(probas, truth, groups, coverage=0.9)
        crossed.append(coverage_and_size(sets, truth)[0])
    assert 0.89 <= np.mean(fitted) <= 0.92
    assert 0.89 <= np.mean(crossed) <= 0.92


def test_the_promise_breaks_where_photos_are_not_like_those_it_was_fitted_on():
    """So the test above can fail: the sets are no larger than they have to be."""
    rng = np.random.default_rng(0)
    points = fit_operating_points(*season(400, rng), coverage=0.9)
    probas, truth, _ = season(400, rng)
    assert coverage_and_size(points.conformal.sets(probas), (truth + 1) % 6)[0] < 0.7


@settings(max_examples=60)
@given(labelled())
def test_served_sets_are_runs_of_neighbours_and_points_survive_json(case):
    probas, targets, groups = case
    points = fit_operating_points(probas, targets.argmax(axis=1), groups)
    for row in points.conformal.sets(probas):
        assert (np.diff(np.flatnonzero(row)) == 1).all()
        assert row.any()
    assert OperatingPoints.from_dict(json.loads(json.dumps(points.to_dict(), allow_nan=False))) == points


@given(st.integers(1, 60), st.floats(0.01, 1.0), st.integers(0, 2**31))
def test_the_wanted_share_is_answered_and_one_photo_less_would_not_be_enough(n, coverage, seed):
    confidence = np.random.default_rng(seed).random(n)
    answered = (confidence >= answer_threshold(confidence, coverage)).mean()
    assert coverage - 1e-9 <= answered < coverage + 1 / n + 1e-9


def test_nothing_to_go_by():
    assert answer_threshold(np.zeros(0), 0.9) == 0.0
    with pytest.raises(ValueError, match="coverage"):
        answer_threshold(np.ones(3), 0.0)
    probas, truth, _ = season(12, np.random.default_rng(0))
    assert cross_fitted_sets(probas, truth, np.zeros(12), coverage=0.9) is None
    points = fit_operating_points(probas, truth, np.zeros(12))
    assert points.conformal.sets(probas).all(), "one group promises nothing less than all stages"
    assert points.sure_from is None
