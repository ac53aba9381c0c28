"""Time worked, told from the moments of decisions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.pace import PAUSE_S, worked_seconds

decisions = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(0, 5000).map(float),
        st.one_of(st.just(float("nan")), st.integers(0, 600).map(float)),
    ),
    min_size=1,
    max_size=40,
)


def arrays(rows):
    person, at, lead = zip(*rows, strict=True)
    return np.array(person), np.array(at), np.array(lead)


def test_decisions_in_a_row_take_the_time_between_them():
    worked = worked_seconds(np.array([1, 1, 1]), np.array([100.0, 104.0, 110.0]), np.array([3.0, 3.0, 3.0]))
    assert worked.tolist() == [3.0, 4.0, 6.0]


def test_after_a_pause_the_lead_time_counts_and_no_more_than_a_pause():
    at = np.array([0.0, 1000.0, 9000.0])
    assert worked_seconds(np.ones(3, int), at, np.array([np.nan, 7.0, 8000.0])).tolist() == [0.0, 7.0, PAUSE_S]


def test_a_lot_of_the_grid_is_paid_for_once():
    at = np.array([0.0, *[60.0] * 40])
    assert worked_seconds(np.ones(41, int), at, np.full(41, 5.0)).sum() == 65.0


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one entry per decision"):
        worked_seconds(np.ones(2, int), np.zeros(2), np.zeros(1))


@given(decisions)
def test_nobody_works_longer_than_they_were_there(rows):
    person, at, lead = arrays(rows)
    worked = worked_seconds(person, at, lead)
    assert (worked >= 0).all()
    for one in set(person.tolist()):
        mine = at[person == one]
        assert worked[person == one].sum() <= mine.max() - mine.min() + PAUSE_S


@given(decisions, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert worked_seconds(*arrays(rows)).sum() == pytest.approx(worked_seconds(*arrays(shuffled)).sum(), abs=PAUSE_S)
    distinct = list({(person, at): (person, at, lead) for person, at, lead in rows}.values())
    again = list(distinct)
    random.shuffle(again)
    assert worked_seconds(*arrays(distinct)).sum() == worked_seconds(*arrays(again)).sum()


@given(decisions, st.floats(1, 1e6))
def test_a_longer_pause_is_no_more_work(rows, longer):
    person, at, lead = arrays(rows)
    gap_at = 2500.0
    early = at < gap_at
    apart = np.where(early, at, at + PAUSE_S + 1)
    further = np.where(early, at, at + PAUSE_S + 1 + longer)
    # Where the pause is longer than any lead time counted, its length changes nothing.
    assert worked_seconds(person, apart, lead).sum() == pytest.approx(worked_seconds(person, further, lead).sum())


@given(st.lists(st.integers(0, int(PAUSE_S)).map(float), min_size=1, max_size=30), st.floats(0, 100))
def test_work_without_a_pause_is_its_length(gaps, lead):
    at = np.concatenate([[0.0], np.cumsum(gaps)])
    assert worked_seconds(np.ones(len(at), int), at, np.full(len(at), lead)).sum() == pytest.approx(at[-1] + lead)
