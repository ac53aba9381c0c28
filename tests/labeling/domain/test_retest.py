"""Rules of test-retest: which photos are asked again, and how a second answer stands beside the first."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.retest import DecidedPhoto, Tally, repeated, round_drawn, self_agreement

DAY = datetime(2026, 4, 1, tzinfo=UTC)
POOLS = st.lists(
    st.tuples(st.integers(0, 4), st.booleans(), st.none() | st.integers(0, 30)), min_size=1, max_size=60
).map(
    lambda rows: [
        DecidedPhoto(i, stage, side, None if day is None else DAY + timedelta(days=day))
        for i, (stage, side, day) in enumerate(rows)
    ]
)


@given(POOLS, st.integers(1, 25), st.integers(0, 9))
def test_a_round_is_whole_repeatable_and_asks_nothing_again_before_everything_was_asked(pool, size, seed):
    drawn = round_drawn(pool, size=size, seed=str(seed))
    assert len(drawn) == len(set(drawn)) == min(size, len(pool))
    assert round_drawn(pool[::-1], size=size, seed=str(seed)) == drawn, "the same, however the pool comes"
    n_never = sum(it.last_asked is None for it in pool)
    assert sum(it.last_asked is None for it in drawn) == min(size, n_never)


@given(POOLS, st.integers(1, 25))
def test_no_stage_is_asked_twice_more_than_another_that_has_photos_left(pool, size):
    fresh = [DecidedPhoto(it.photo_id, it.stage, it.is_boundary) for it in pool]
    drawn, there = round_drawn(fresh, size=size, seed="7"), Counter(it.stage for it in fresh)
    asked = Counter(it.stage for it in drawn)
    most = max(asked.values())
    assert all(asked[stage] >= most - 1 for stage in there if asked[stage] < there[stage])
    sides = Counter((it.stage, it.is_boundary) for it in drawn)
    of = Counter((it.stage, it.is_boundary) for it in fresh)
    for stage in asked:
        few, many = sorted([(stage, False), (stage, True)], key=lambda it: sides[it])
        assert sides[many] - sides[few] <= 1 or sides[few] == of[few]


@given(POOLS, st.integers(1, 25))
def test_of_photos_alike_those_asked_longest_ago_come_first(pool, size):
    drawn = set(round_drawn(pool, size=size, seed="7"))
    for it in pool:
        for other in pool:
            alike = (it.stage, it.is_boundary) == (other.stage, other.is_boundary)
            if alike and it.last_asked and other.last_asked and it.last_asked < other.last_asked:
                assert it in drawn or other not in drawn


def test_the_order_of_a_round_does_not_go_through_the_stages_in_turn():
    pool = [DecidedPhoto(i, i % 5, i % 2 == 0) for i in range(100)]
    orders = {tuple(it.stage for it in round_drawn(pool, size=20, seed=str(seed))) for seed in range(5)}
    assert any(sorted(order[:5]) != [0, 1, 2, 3, 4] for order in orders)
    assert len(orders) == 5


@pytest.mark.parametrize(
    ("lower", "upper", "is_ordered", "is_same", "steps"),
    [
        (3, None, True, True, 0),
        (2, None, True, False, 1),
        (6, None, True, False, 3),
        (3, 4, True, False, 1),
        (0, 1, True, False, 2),
        (None, None, True, False, None),
        (2, None, False, False, None),
        (3, None, False, True, 0),
    ],
)
def test_a_second_answer_beside_the_first(lower, upper, is_ordered, is_same, steps):
    told = repeated(first=3, lower=lower, upper=upper, is_ordered=is_ordered)
    assert (told.is_same, told.steps) == (is_same, steps)


def test_the_figures_are_shares_of_photos_with_wilsons_intervals():
    figures = self_agreement(Tally(10, 10, 10, 7, 19), is_ordered=True)
    assert (figures.exact.value, figures.within_one.value, figures.exact.n) == (0.85, 0.95, 20)
    assert (figures.exact.low, figures.exact.high) == (pytest.approx(0.640, abs=1e-3), pytest.approx(0.948, abs=1e-3))
    assert (figures.clear.value, figures.boundary.value) == (1, 0.7)
    assert self_agreement(Tally(10, 10, 10, 7, 17), is_ordered=False).within_one is None
    assert self_agreement(Tally(0, 0, 0, 0, 0), is_ordered=True).exact is None
