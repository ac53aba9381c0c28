"""Where seasons begin."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.seasons import season_bounds, season_of, season_start

counts = st.lists(st.sampled_from([0, 0, 5]), min_size=12, max_size=12)


@pytest.mark.parametrize(
    ("months", "start"),
    [
        ((3, 4, 5), 1),
        ((), 1),
        ((8, 9, 10, 11, 12, 1, 2), 8),
        ((11, 12, 1), 11),
        (range(1, 13), 1),
        ((12, 1, 6), 12),
    ],
)
def test_a_season_begins_after_the_longest_rest_where_it_goes_through_the_turn_of_the_year(months, start):
    photos = [9 if month in months else 0 for month in range(1, 13)]
    assert season_start(photos) == start


def test_a_year_has_twelve_months():
    with pytest.raises(ValueError, match="twelve"):
        season_start([1] * 11)


@given(counts)
def test_a_season_never_begins_in_the_middle_of_one(photos):
    start = season_start(photos)
    assert 1 <= start <= 12
    if start != 1:
        assert photos[start - 1] > 0
        assert photos[start - 2] == 0


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 12))
def test_every_day_lies_in_its_season(day, start):
    first, end = season_bounds(season_of(day, start), start)
    assert first <= day < end
