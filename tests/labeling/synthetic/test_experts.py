"""Simulated experts err where they should, as often as they should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.synthetic.experts import TYPICAL_ERRORS, Answer, SimulatedExpert, typical_panel
from labeling.synthetic.scale import N_STAGES

N = 8000


def _positions(expert: SimulatedExpert, truth: int, n: int = N) -> np.ndarray:
    return np.array([expert.answer(truth).position for _ in range(n)])


@pytest.mark.parametrize("truth", range(N_STAGES))
def test_each_boundary_is_mistaken_at_its_rate(truth: int) -> None:
    given_positions = _positions(SimulatedExpert(TYPICAL_ERRORS, seed=3), truth)
    below = TYPICAL_ERRORS[truth - 1] if truth > 0 else 0.0
    above = TYPICAL_ERRORS[truth] if truth < N_STAGES - 1 else 0.0
    assert (given_positions == truth - 1).mean() == pytest.approx(below, abs=0.015)
    assert (given_positions == truth + 1).mean() == pytest.approx(above, abs=0.015)
    assert (np.abs(given_positions - truth) <= 1).all()


def test_a_perfect_expert_is_always_right() -> None:
    assert (_positions(SimulatedExpert([0.0] * 6, seed=1), 4, 200) == 4).all()


def test_intervals_hold_the_truth_and_are_adjacent() -> None:
    expert = SimulatedExpert(TYPICAL_ERRORS, seed=2, between_rate=0.4)
    answers = [(truth, expert.answer(truth)) for truth in range(N_STAGES) for _ in range(400)]
    between = [(truth, answer) for truth, answer in answers if answer.kind == "between"]
    assert len(between) / len(answers) == pytest.approx(0.4, abs=0.04)
    for truth, answer in between:
        assert truth in (answer.position, answer.position_upper)
        assert answer.position_upper == answer.position + 1


def test_refusals_and_far_slips_come_at_their_rates() -> None:
    expert = SimulatedExpert([0.0] * 6, seed=4, cannot_tell_rate=0.2, far_rate=0.1)
    answers = [expert.answer(3) for _ in range(N)]
    assert np.mean([a.kind == "cannot_tell" for a in answers]) == pytest.approx(0.2, abs=0.02)
    far = [a.position for a in answers if a.kind == "stage" and a.position != 3]
    assert len(far) / N == pytest.approx(0.1, abs=0.015)
    assert min(abs(position - 3) for position in far) >= 2


@given(seed=st.integers(0, 2**31))
@settings(deadline=None)
def test_answers_are_seeded(seed: int) -> None:
    first, again = (typical_panel(2, seed) for _ in range(2))
    assert [[e.answer(k % 7) for k in range(30)] for e in first] == [
        [e.answer(k % 7) for k in range(30)] for e in again
    ]


def test_experts_of_a_panel_err_independently() -> None:
    first, second = (_positions(expert, 3, 3000) for expert in (SimulatedExpert(seed=1), SimulatedExpert(seed=2)))
    both = ((first != 3) & (second != 3)).mean()
    assert both == pytest.approx((first != 3).mean() * (second != 3).mean(), abs=0.02)


@pytest.mark.parametrize("rates", [[-0.1] * 6, [0.6] * 6, []])
def test_impossible_rates_are_refused(rates: list[float]) -> None:
    with pytest.raises(ValueError, match=r"rate|add up"):
        SimulatedExpert(rates)


@pytest.mark.parametrize("position", [-1, N_STAGES])
def test_a_stage_off_the_scale_is_refused(position: int) -> None:
    with pytest.raises(ValueError, match="not on a scale"):
        SimulatedExpert().answer(position)


@given(position=st.integers(0, 3))
def test_other_scales_work(position: int) -> None:
    answer = SimulatedExpert([0.1] * 3, seed=0).answer(position)
    assert isinstance(answer, Answer)
    assert 0 <= (answer.position or 0) <= 3
