"""One stage, or the stretch it lies in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.answers import SURE, stage_span


def span(position: int, confidence: float, distribution: list[float] | None = None, *, is_ordered: bool = True):
    return stage_span(
        position, n_stages=7, is_ordered=is_ordered, confidence=confidence, distribution=distribution or ()
    )


@pytest.mark.parametrize(
    ("position", "confidence", "expected"),
    [(3, 0.6, (2, 4)), (0, 0.6, (0, 1)), (6, 0.6, (5, 6)), (3, 0.9, (3, 3)), (3, 0.89, (2, 4))],
)
def test_a_suggestion_is_told_with_its_neighbours_unless_it_is_sure(position, confidence, expected):
    assert span(position, confidence) == expected


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        ([0, 0, 0.05, 0.95, 0, 0, 0], (3, 3)),
        ([0, 0, 0.4, 0.6, 0, 0, 0], (2, 3)),
        ([0, 0, 0, 0.6, 0.4, 0, 0], (3, 4)),
        ([0, 0, 0.2, 0.6, 0.2, 0, 0], (2, 4)),
        ([0, 0.4, 0, 0.6, 0, 0, 0], (3, 3)),
    ],
)
def test_what_experts_said_names_the_neighbours_they_named(distribution, expected):
    assert span(3, 0.6, distribution) == expected


def test_classes_without_an_order_have_no_neighbours():
    assert span(3, 0.1, is_ordered=False) == (3, 3)


@given(st.integers(1, 12), st.data())
def test_the_stretch_holds_the_stage_and_lies_on_the_scale(n_stages: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, n_stages - 1))
    weights = data.draw(st.none() | st.lists(st.floats(0, 1), min_size=n_stages, max_size=n_stages))
    confidence = data.draw(st.floats(0, 1))
    lower, upper = stage_span(
        position, n_stages=n_stages, is_ordered=True, confidence=confidence, distribution=weights or ()
    )
    assert max(0, position - 1) <= lower <= position <= upper <= min(n_stages - 1, position + 1)
    if confidence >= SURE:
        assert lower == upper
