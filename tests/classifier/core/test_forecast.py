"""Labels still needed for a target, from the learning curve."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.core.forecast import FEWEST_PHOTOS, TARGETS, Forecast, Missing, forecast

FIRST, LAST = 20, 400


def error_at(n, *, slope, floor, start=0.8):
    return floor + (start - floor) * (np.asarray(n) / FIRST) ** -slope


def answers(seed, n, *, slope=0.5, floor=0.05):
    """Photos asked evenly while labels grew from 20 to 400."""
    rng = np.random.default_rng(seed)
    labels = np.sort(rng.integers(FIRST, LAST, n))
    return labels, rng.random(n) > error_at(labels, slope=slope, floor=floor)


def told(seed, n, *, random_state=0, labels_now=LAST, **curve):
    labels, is_right = answers(seed, n, **curve)
    made = forecast(
        labels, is_right, groups=np.arange(n), labels_now=labels_now, n_resamples=100, random_state=random_state
    )
    assert isinstance(made, Forecast)
    return made


@given(st.integers(0, 500), st.integers(FEWEST_PHOTOS, 120), st.floats(0.1, 1.2), st.floats(0.0, 0.3))
@settings(max_examples=15, deadline=None)
def test_more_is_needed_for_more_and_the_interval_holds_the_middle(seed, n, slope, floor):
    made = told(seed, n, slope=slope, floor=floor)
    for needed in (made.needed_low, made.needed, made.needed_high):
        assert needed.shape == (len(TARGETS),)
        assert (needed[1:] >= needed[:-1]).all()
        assert (needed > 0).all()
    assert (made.needed_low <= made.needed).all()
    assert (made.needed <= made.needed_high).all()
    assert (made.curve_low <= made.curve).all()
    assert (made.curve <= made.curve_high).all()
    assert (np.diff(made.curve) >= -1e-9).all()
    assert 0 <= made.now_low <= made.now <= made.now_high <= 1


@given(st.integers(0, 100), st.integers(0, 100))
@settings(max_examples=5, deadline=None)
def test_the_same_seed_tells_the_same_and_the_order_of_photos_nothing(seed, random_state):
    labels, is_right = answers(seed, 60)
    turn = np.random.default_rng(seed).permutation(60)

    def needed(rows):
        made = forecast(
            labels[rows], is_right[rows], groups=np.arange(60)[rows], labels_now=LAST, n_resamples=60,
            random_state=random_state,
        )  # fmt: skip
        assert isinstance(made, Forecast)
        return np.concatenate([made.needed_low, made.needed, made.needed_high, made.curve])

    assert np.array_equal(needed(np.arange(60)), needed(np.arange(60)))
    assert np.array_equal(needed(np.arange(60)), needed(turn))


@pytest.mark.parametrize(("slope", "floor", "target"), [(0.5, 0.05, 0.80), (0.8, 0.10, 0.85), (0.3, 0.0, 0.70)])
def test_the_interval_covers_what_is_truly_needed(slope, floor, target):
    truly = FIRST * ((1 - target - floor) / (0.8 - floor)) ** (-1 / slope)
    at = TARGETS.index(target)
    covered = []
    for seed in range(25):
        made = told(seed, 250, slope=slope, floor=floor, random_state=seed)
        covered.append(made.needed_low[at] <= truly <= made.needed_high[at])
    # 90 % is meant; of 25 draws at 90 %, fewer than 19 would come once in a hundred times.
    assert sum(covered) >= 19


def test_more_photos_tell_it_more_narrowly():
    at = TARGETS.index(0.70)

    def width(n):
        made = [told(seed, n) for seed in range(5)]
        return np.median([np.log(it.needed_high[at] / it.needed_low[at]) for it in made])

    assert width(1500) < width(150)


def test_photos_of_one_plant_count_as_less_than_as_many_plants():
    labels, is_right = answers(1, 40)
    labels, is_right = np.repeat(labels, 10), np.repeat(is_right, 10)

    def width(groups):
        made = forecast(labels, is_right, groups=groups, labels_now=LAST)
        assert isinstance(made, Forecast)
        return made.now_high - made.now_low

    assert width(np.repeat(np.arange(40), 10)) > 1.5 * width(np.arange(400))


def test_a_target_beyond_what_labels_can_mend_is_never_met():
    made = told(3, 2000, slope=0.8, floor=0.3)
    assert np.isinf(made.needed[TARGETS.index(0.95)])
    assert made.needed[TARGETS.index(0.55)] < LAST


class TestRefusal:
    def test_too_few_photos_and_how_many_are_missing(self):
        labels, is_right = answers(0, FEWEST_PHOTOS - 7)
        made = forecast(labels, is_right, groups=np.arange(len(labels)), labels_now=LAST)
        assert made == Missing(photos=7, labels=0)
        assert forecast([], [], groups=[], labels_now=0) == Missing(photos=FEWEST_PHOTOS, labels=0)

    def test_labels_that_hardly_grew_and_how_many_it_takes(self):
        labels = np.linspace(100, 150, 80).astype(int)
        made = forecast(labels, np.ones(80), groups=np.arange(80), labels_now=150)
        assert isinstance(made, Missing)
        assert made.photos == 0
        assert 200 <= made.labels <= 220
        enough = np.append(labels, made.labels)
        assert isinstance(forecast(enough, np.ones(81), groups=np.arange(81), labels_now=made.labels), Forecast)

    def test_answers_without_labels_are_refused(self):
        with pytest.raises(ValueError, match="without labels"):
            forecast([0] * 50, [True] * 50, groups=range(50), labels_now=10)
        with pytest.raises(ValueError, match="one entry per photo"):
            forecast([1] * 50, [True] * 49, groups=range(50), labels_now=10)
