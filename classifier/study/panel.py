"""A simulated panel of experts who slip to neighbouring stages, what their time costs, and what a review changes."""

from __future__ import annotations

import dataclasses

import numpy as np

from classifier.core.contracts import Array
from labeling.synthetic.experts import TYPICAL_ERRORS, SimulatedExpert

N_EXPERTS = 3
_CARE_SPREAD, _LEAST_CARE, _MOST_CARE = 0.3, 0.5, 1.8


@dataclasses.dataclass(frozen=True, slots=True)
class Panel:
    """What every expert says of every photo, each without seeing the others.

    Parameters
    ----------
    opinions : ndarray of shape (n, 3), int
        Stage positions.
    first : ndarray of shape (n,), int
        Which expert labelled the photo when it came in.
    """

    opinions: Array
    first: Array

    @property
    def raw(self) -> Array:
        """The labels as they come in, one expert's each: (n,)."""
        return self.opinions[np.arange(len(self.first)), self.first]

    @property
    def second(self) -> Array:
        """Those of another expert: (n,)."""
        return self.opinions[np.arange(len(self.first)), (self.first + 1) % N_EXPERTS]

    @property
    def median(self) -> Array:
        """The middle opinion of the three: (n,)."""
        return np.sort(self.opinions, axis=1)[:, N_EXPERTS // 2]


def simulated_panel(truth: Array, n_stages: int, *, seed: int, slips: float = 1.0) -> Panel:
    """Three experts of differing care.

    Parameters
    ----------
    truth : ndarray of shape (n,), int
    n_stages : int
        K. The rates of the seven-stage scale go round for others.
    seed : int
        Of the experts and of who labels what.
    slips : float
        Multiplies ``TYPICAL_ERRORS``; 0 is a panel without fault.

    Returns
    -------
    Panel
    """
    rng = np.random.default_rng([seed, 61])
    care = np.exp(rng.normal(0.0, _CARE_SPREAD, N_EXPERTS)).clip(_LEAST_CARE, _MOST_CARE)
    rates = np.resize(TYPICAL_ERRORS, n_stages - 1)
    opinions = np.empty((len(truth), N_EXPERTS), dtype=np.int64)
    for number in range(N_EXPERTS):
        expert = SimulatedExpert(np.minimum(slips * care[number] * rates, 0.5).tolist(), seed=seed * N_EXPERTS + number)
        # Without intervals and refusals every answer names a stage.
        opinions[:, number] = [expert.answer(int(stage)).position or 0 for stage in truth]
    return Panel(opinions, rng.integers(0, N_EXPERTS, len(truth)))


def reviewed_labels(panel: Panel, rows: Array) -> Array:
    """Labels (n,) after the other two experts looked at `rows` blind: there the middle opinion counts."""
    labels = panel.raw.copy()
    labels[rows] = panel.median[rows]
    return labels


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """What an arm took: photos with a label, and expert minutes."""

    labelled: int
    minutes: float


def cost_of(n_photos: int, n_reviewed: int, seconds_per_opinion: float) -> Cost:
    """One opinion for every photo, two more for every reviewed one."""
    opinions = n_photos + (N_EXPERTS - 1) * n_reviewed
    return Cost(n_photos, opinions * seconds_per_opinion / 60.0)
