"""Simulated experts: people who know the scale and slip, mostly to the stage next door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .scale import N_STAGES

AnswerKind = Literal["stage", "between", "cannot_tell"]

TYPICAL_ERRORS: tuple[float, ...] = (0.10, 0.12, 0.10, 0.14, 0.12, 0.08)
"""Share of photos on either side of each boundary that a good expert puts on the other side."""


@dataclass(frozen=True)
class Answer:
    """What an expert says of one photo.

    Attributes:
        kind: a stage, an interval of two adjacent stages, or a refusal.
        position: the stage named; of BETWEEN the earlier of the two; None for a refusal.
        position_upper: the later stage of BETWEEN, else None.
    """

    kind: AnswerKind
    position: int | None = None
    position_upper: int | None = None


class SimulatedExpert:
    """Answers by the true position, with seeded errors.

    Args:
        error_rates: for each boundary ``b`` (between positions ``b`` and ``b + 1``), the probability that a photo of
            either stage is given to the other. Their sum at any stage, with the rates below, must not pass 1.
        seed: of this expert's own stream; two experts of different seeds err independently.
        between_rate: probability of answering "between" with one of the neighbours instead of naming a stage.
        cannot_tell_rate: probability of refusing.
        far_rate: probability of naming a stage two or more away (a slip of the key).

    Raises:
        ValueError: rates that are no probabilities, or add up to more than 1 at some stage.
    """

    def __init__(
        self,
        error_rates: Sequence[float] = TYPICAL_ERRORS,
        seed: int = 0,
        *,
        between_rate: float = 0.0,
        cannot_tell_rate: float = 0.0,
        far_rate: float = 0.0,
    ) -> None:
        rates = np.asarray(error_rates, float)
        if rates.ndim != 1 or len(rates) < 1:
            raise ValueError("error_rates must have one rate per boundary")
        if min(*rates, between_rate, cannot_tell_rate, far_rate) < 0:
            raise ValueError("a rate is below 0")
        self.n_stages = len(rates) + 1
        below, above = np.concatenate([[0.0], rates]), np.concatenate([rates, [0.0]])
        if (below + above + between_rate + cannot_tell_rate + far_rate).max() > 1.0 + 1e-12:
            raise ValueError("the rates of some stage add up to more than 1")
        self._below, self._above = below, above
        self._between_rate, self._cannot_tell_rate, self._far_rate = between_rate, cannot_tell_rate, far_rate
        self._rng = np.random.default_rng([seed, 29])

    def answer(self, true_position: int) -> Answer:
        """One answer about a photo whose true stage is ``true_position``.

        Raises:
            ValueError: no such stage.
        """
        if not 0 <= true_position < self.n_stages:
            raise ValueError(f"position {true_position} is not on a scale of {self.n_stages} stages")
        draw, coin = self._rng.random(2)
        if draw < self._cannot_tell_rate:
            return Answer("cannot_tell")
        draw -= self._cannot_tell_rate
        if draw < self._between_rate:
            lower = self._lower_of_interval(true_position, coin)
            return Answer("between", lower, lower + 1)
        draw -= self._between_rate
        if draw < self._far_rate:
            return Answer("stage", self._far_position(true_position, coin))
        draw -= self._far_rate
        if draw < self._below[true_position]:
            return Answer("stage", true_position - 1)
        if draw < self._below[true_position] + self._above[true_position]:
            return Answer("stage", true_position + 1)
        return Answer("stage", true_position)

    def _lower_of_interval(self, position: int, coin: float) -> int:
        """The earlier stage of an interval that holds ``position``: towards the boundary that is mistaken more."""
        total = self._below[position] + self._above[position]
        share_below = self._below[position] / total if total > 0 else 0.5
        lower = position - 1 if coin < share_below else position
        return int(np.clip(lower, 0, self.n_stages - 2))

    def _far_position(self, position: int, coin: float) -> int:
        far = [k for k in range(self.n_stages) if abs(k - position) >= 2]
        return far[int(coin * len(far))] if far else position


def typical_panel(n_experts: int, seed: int) -> list[SimulatedExpert]:
    """Experts of differing care around :data:`TYPICAL_ERRORS`, with rare intervals and refusals."""
    rng = np.random.default_rng([seed, 31])
    care = np.exp(rng.normal(0.0, 0.3, n_experts)).clip(0.5, 1.8)
    assert len(TYPICAL_ERRORS) == N_STAGES - 1
    return [
        SimulatedExpert(
            [rate * care[k] for rate in TYPICAL_ERRORS],
            seed=seed * 1000 + k,
            between_rate=0.04,
            cannot_tell_rate=0.01,
            far_rate=0.005,
        )
        for k in range(n_experts)
    ]
