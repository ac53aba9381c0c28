"""How annotators err: the probability that somebody says ``y`` of a photo whose true stage is ``t``.

On an ordered scale an answer is a walk that starts at the truth. At stage ``t`` the annotator steps past the boundary
above with probability ``up[t]``, past the one below with ``down[t - 1]``, else stays. Whoever has stepped crosses each
further boundary with probability ``carry``, until the scale ends. Beside that, a share ``SLIP`` of all answers is a
slip of the key, equally likely to fall on any stage: without it many careful answers could not outweigh one slip.

Without an order an annotator is right with probability ``accuracy``, and wrong answers are spread evenly.

Shapes: A annotators, K stages, B = K - 1 boundaries. A confusion is (A, K, K), indexed [annotator, truth, answer].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SLIP = 0.01
"""Share of answers that hit the wrong key. Rows store no such share per person; it is the same for all."""
PRIOR_STEP = 0.10
"""Expected probability of stepping past a boundary, before anything is known: two such experts agree on 7 in 10."""
PRIOR_CARRY = 0.10
PRIOR_ACCURACY = 0.80


@dataclass(frozen=True)
class Walks:
    """Error models on an ordered scale: ``up`` and ``down`` (A, B), ``carry`` (A,)."""

    up: Array
    down: Array
    carry: Array

    def confusion(self) -> Array:
        """P(answer | truth), shape (A, K, K); every row sums to 1 and holds no 0."""
        n_annotators, n_boundaries = self.up.shape
        n_stages = n_boundaries + 1
        walk = np.zeros((n_annotators, n_stages, n_stages))
        # Where a walk that has stepped comes to rest, counted in stages beyond the first: (A, K).
        beyond = self.carry[:, None] ** np.arange(n_stages)
        for truth in range(n_stages):
            stay = np.ones(n_annotators)
            if truth < n_boundaries:
                walk[:, truth, truth + 1 :] = self.up[:, [truth]] * _resting(beyond, n_boundaries - truth)
                stay = stay - self.up[:, truth]
            if truth > 0:
                walk[:, truth, truth - 1 :: -1] = self.down[:, [truth - 1]] * _resting(beyond, truth)
                stay = stay - self.down[:, truth - 1]
            walk[:, truth, truth] = stay
        return (1 - SLIP) * walk + SLIP / n_stages

    def mean(self) -> Walks:
        """The average annotator, as error models of one."""
        return Walks(*(part.mean(axis=0, keepdims=True) for part in (self.up, self.down, self.carry)))


@dataclass(frozen=True)
class Coins:
    """Error models on a scale without an order: ``accuracy`` (A,)."""

    accuracy: Array
    n_stages: int

    def confusion(self) -> Array:
        """P(answer | truth), shape (A, K, K); every row sums to 1 and holds no 0."""
        wrong = (1 - self.accuracy) / (self.n_stages - 1)
        confusion = np.repeat(wrong, self.n_stages**2).reshape(-1, self.n_stages, self.n_stages)
        confusion[:, np.arange(self.n_stages), np.arange(self.n_stages)] = self.accuracy[:, None]
        return (1 - SLIP) * confusion + SLIP / self.n_stages

    def mean(self) -> Coins:
        """The average annotator, as error models of one."""
        return Coins(self.accuracy.mean(axis=0, keepdims=True), self.n_stages)


Models = Walks | Coins


def prior_models(n_annotators: int, *, n_stages: int, is_ordered: bool) -> Models:
    """What is expected of annotators of whom nothing is known."""
    if not is_ordered:
        return Coins(np.full(n_annotators, PRIOR_ACCURACY), n_stages)
    steps = np.full((n_annotators, n_stages - 1), PRIOR_STEP)
    return Walks(steps, steps.copy(), np.full(n_annotators, PRIOR_CARRY))


def chosen(is_first: npt.NDArray[np.bool_], first: Models, second: Models) -> Models:
    """The models of ``first`` where ``is_first`` (A,) says so, else those of ``second``."""
    if isinstance(first, Coins):
        assert isinstance(second, Coins)
        return Coins(np.where(is_first, first.accuracy, second.accuracy), first.n_stages)
    assert isinstance(second, Walks)
    rows = is_first[:, None]
    return Walks(
        np.where(rows, first.up, second.up),
        np.where(rows, first.down, second.down),
        np.where(is_first, first.carry, second.carry),
    )


def likelihoods(confusion: Array) -> Array:
    """P(observation | truth) by code, shape (A, 2 K - 1, K): codes 0..K-1 are stages, K + k is "between k and k + 1".

    "Between" is a coarsened answer: the annotator holds one of the two stages and does not say which.
    """
    stages = confusion.transpose(0, 2, 1)
    return np.concatenate([stages, stages[:, :-1] + stages[:, 1:]], axis=1)


def code_of(lower: npt.NDArray[np.integer], upper: npt.NDArray[np.integer], *, n_stages: int) -> npt.NDArray[np.intp]:
    """The codes of :func:`likelihoods` of intervals (lower, upper), equal for a plain stage.

    Raises:
        ValueError: for an interval that is none, or not on the scale.
    """
    lower, upper = np.asarray(lower, np.intp), np.asarray(upper, np.intp)
    if lower.size and (lower.min() < 0 or upper.max() >= n_stages or not np.isin(upper - lower, (0, 1)).all()):
        raise ValueError(f"no intervals of a scale of {n_stages}")
    return np.where(lower == upper, lower, n_stages + lower)


def _resting(beyond: Array, n_left: int) -> Array:
    """Where a walk rests that has stepped once and has ``n_left`` stages before the end, shape (A, n_left), sum 1."""
    rest = beyond[:, :n_left].copy()
    rest[:, :-1] -= beyond[:, 1:n_left]
    return rest
