"""What date and place alone say about the stage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.core.season import YEAR, fit_season

K = 4


@st.composite
def seasons(draw, min_rows=0):
    """(days, sites, targets) of up to 40 photos."""
    n, seed = draw(st.integers(min_rows, 40)), draw(st.integers(0, 1000))
    rng = np.random.default_rng(seed)
    return rng.integers(0, 366, n), rng.choice(["north", "south"], n), np.eye(K)[rng.integers(0, K, n)]


EVERY_DAY = np.arange(YEAR)


@given(seasons())
@settings(max_examples=40)
def test_tables_are_distributions(case):
    season = fit_season(*case, bandwidth=5.0, borrowing=3.0)
    for site in ("north", "south", "elsewhere"):
        probas = season.predict_proba(EVERY_DAY, np.full(YEAR, site))
        assert np.allclose(probas.sum(axis=1), 1)
        assert (probas > 0).all()


@given(seasons(min_rows=1), st.integers(-400, 400))
@settings(max_examples=25)
def test_the_year_has_no_edge(case, shift):
    days, sites, targets = case
    here = fit_season(days, sites, targets, bandwidth=5.0, borrowing=3.0)
    there = fit_season(days + shift, sites, targets, bandwidth=5.0, borrowing=3.0)
    where = np.full(YEAR, "north")
    assert np.allclose(here.predict_proba(EVERY_DAY, where), there.predict_proba(EVERY_DAY + shift, where))


@given(seasons(min_rows=1), st.integers(0, 99))
@settings(max_examples=25)
def test_order_does_not_matter_and_weight_two_is_twice(case, seed):
    days, sites, targets = case
    shuffled = np.random.default_rng(seed).permutation(len(days))
    where = np.full(YEAR, "south")

    def tables(rows, **given_to):
        fitted = fit_season(days[rows], sites[rows], targets[rows], bandwidth=5.0, borrowing=3.0, **given_to)
        return fitted.predict_proba(EVERY_DAY, where)

    plain = tables(np.arange(len(days)))
    assert np.allclose(plain, tables(shuffled))
    twice = tables(np.repeat(np.arange(len(days)), 2))
    assert np.allclose(twice, tables(np.arange(len(days)), weights=np.full(len(days), 2.0)))


def test_no_labels_say_nothing():
    season = fit_season(np.zeros(0), np.zeros(0, str), np.zeros((0, K)))
    assert np.allclose(season.predict_proba(np.array([100.0]), np.array(["north"])), 1 / K)
    assert season.photos_near(np.array([100.0]), np.array(["north"])).tolist() == [0.0]


def test_a_late_site_is_late_and_a_new_site_is_as_all():
    """Two sites two weeks apart, stages ten days long; the third site has two photos."""
    rng = np.random.default_rng(0)
    sites = np.array(["early"] * 150 + ["late"] * 150 + ["new"] * 2)
    lag = np.where(sites == "late", 14, 0)
    days = np.concatenate([rng.integers(100, 155, 300), [140, 141]])
    stages = np.clip((days - lag - 100) // 10, 0, K - 1)
    season = fit_season(days, sites, np.eye(K)[stages])
    at = np.array([121.0, 121.0, 121.0, 121.0])
    early, late, new, unknown = season.predict_proba(at, np.array(["early", "late", "new", "unknown"]))
    assert early.argmax() == 2
    assert late.argmax() in (0, 1)
    assert np.abs(new - unknown).max() < 0.05
    support = season.photos_near(at, np.array(["early", "late", "new", "unknown"]))
    assert support[2] < 2 < support[0]


def test_a_month_without_photos_falls_back_to_the_frequencies():
    season = fit_season(np.array([100, 100, 101]), np.array(["a"] * 3), np.eye(K)[[0, 0, 1]], bandwidth=4.0)
    far = season.predict_proba(np.array([280.0]), np.array(["a"]))[0]
    assert far == pytest.approx(np.array([2.25, 1.25, 0.25, 0.25]) / 4, abs=0.01)


def test_dates_that_tell_nothing_are_smoothed_away():
    rng = np.random.default_rng(0)
    days, stages = rng.integers(0, 366, 400), rng.integers(0, K, 400)
    season = fit_season(days, rng.integers(0, 40, 400), np.eye(K)[stages])
    assert season.bandwidth == 16.0
    told = season.predict_proba(EVERY_DAY, np.full(YEAR, -1))
    assert np.abs(told - 1 / K).mean() < 0.08


def test_rows_must_fit():
    with pytest.raises(ValueError, match="one row per photo"):
        fit_season(np.zeros(2), np.zeros(3), np.zeros((2, K)))
