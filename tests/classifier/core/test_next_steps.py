"""What a project needs next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.core.next_steps import (
    FEW_LABELS,
    FEWEST_PAIRS,
    GOOD_AGREEMENT,
    MOST_STEPS,
    Boundary,
    Ceiling,
    Facts,
    Gap,
    next_steps,
)

CONTENT = Facts(
    n_photos=1000, n_waiting=300, n_adjudications=0, has_model=True, is_training=False, n_missing=0, gaps=[],
    boundaries=[], ceiling=None, n_overlap=50, n_impossible=0, n_no_site=0, n_no_date=0,
)  # fmt: skip
few = st.integers(0, 60)
shares = st.floats(0, 1)
facts = st.builds(
    Facts,
    n_photos=few, n_waiting=few, n_adjudications=few, has_model=st.booleans(), is_training=st.booleans(), n_missing=few,
    gaps=st.lists(st.builds(Gap, st.integers(0, 6), st.none() | st.integers(1, 4), few, few), max_size=8),
    boundaries=st.lists(st.builds(Boundary, st.integers(0, 5), shares, few), max_size=5),
    ceiling=st.none() | st.builds(Ceiling, shares, shares, shares, few),
    n_overlap=few, n_impossible=few, n_no_site=few, n_no_date=few,
)  # fmt: skip


def codes(**changes):
    return [step.code for step in next_steps(replace(CONTENT, **changes))]


def test_nothing_is_asked_of_a_project_that_has_all():
    assert codes() == []


def test_photos_come_first_and_alone():
    assert codes(n_photos=0, n_adjudications=5, has_model=False, n_missing=24, n_overlap=0) == ["photos"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"n_adjudications": 41}, "adjudicate"),
        ({"has_model": False, "n_missing": 60}, "first_labels"),
        ({"has_model": False}, "first_model"),
        ({"n_impossible": 3}, "impossible"),
        ({"n_overlap": 0}, "overlap"),
        ({"n_no_site": 500}, "no_site"),
        ({"n_no_date": 900, "n_no_site": 600}, "no_date"),
        ({"ceiling": Ceiling(0.8, 0.86, 0.85, 100)}, "at_ceiling"),
        ({"ceiling": Ceiling(0.7, 0.75, 0.85, 100)}, "below_ceiling"),
        ({"boundaries": [Boundary(2, 0.62, 40)]}, "guideline"),
        ({"gaps": [Gap(4, 7, 3, 41)]}, "label_gap"),
        ({"gaps": [Gap(4, 7, 3, 0)]}, "photo_gap"),
    ],
)
def test_each_want_by_itself(changes, code):
    assert codes(**changes) == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {"has_model": False, "is_training": True, "n_missing": 0},
        {"gaps": [Gap(4, 7, FEW_LABELS, 41)]},
        {"boundaries": [Boundary(2, 0.62, FEWEST_PAIRS - 1), Boundary(3, GOOD_AGREEMENT, 400)]},
        {"ceiling": Ceiling(0.7, 0.75, 0.85, FEWEST_PAIRS - 1)},
        {"n_no_site": 499},
    ],
)
def test_what_is_no_want(changes):
    assert codes(**changes) == []


def test_the_scarcest_stage_of_all_sites_before_that_of_one():
    gaps = [Gap(1, 9, 0, 5), Gap(4, None, 8, 0), Gap(5, None, 3, 0), Gap(6, None, 3, 12)]
    [step] = next_steps(replace(CONTENT, gaps=gaps))
    assert (step.code, step.stage, step.site, step.n_labels, step.n) == ("label_gap", 6, None, 3, 12)


@given(facts)
def test_few_steps_each_once_and_the_cheapest_first(wanted):
    steps = next_steps(wanted)
    assert len(steps) <= MOST_STEPS
    assert len({step.code for step in steps}) == len(steps)
    if wanted.n_photos:
        assert (wanted.n_adjudications > 0) == ([step.code for step in steps[:1]] == ["adjudicate"])
    assert steps == next_steps(wanted)


@given(facts)
def test_what_is_mended_is_no_longer_asked_for(wanted):
    settled = replace(wanted, n_adjudications=0, n_impossible=0, has_model=True)
    assert {step.code for step in next_steps(settled)}.isdisjoint(
        {"adjudicate", "impossible", "first_labels", "first_model"}
    )
