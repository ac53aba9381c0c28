"""Error models from counted answers: the maximisation steps of ``annotator_model.py``.

Counts are (A, K, K): how many answers [annotator, truth, answer] are expected, summing to what each annotator said.
All estimates are posterior modes: counts plus imagined answers that follow a prior. The log-priors returned beside them
are what those imagined answers add to the log-likelihood, up to a constant: one for each annotator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labeling.domain.error_models import (
    PRIOR_ACCURACY,
    PRIOR_CARRY,
    PRIOR_STEP,
    SLIP,
    Array,
    Coins,
    Models,
    Walks,
)

PANEL_STRENGTH = 20.0
"""Imagined answers of each true stage that hold the panel to what is expected of experts."""
OWN_STRENGTH = 50.0
"""Imagined answers of each true stage that hold an annotator to the panel, moved by their own level."""
CARRY_STRENGTH = 10.0
MOST = 0.45
"""The panel crosses no boundary more often than this: stage and direction could not be told apart."""
LEVEL_SPREAD = 1.0
"""Standard deviation, in log-odds of erring, of annotators around their panel."""
LEAN_SPREAD = 0.5
"""Standard deviation, in log-odds of erring upwards rather than downwards."""
NEWTON_STEPS = 12
STEEPEST = 4.0
"""A level may move by this much, in log-odds; beyond it a few answers would make somebody infallible."""


@dataclass(frozen=True)
class _Steps:
    """Answers of walks, slips of the key taken out: ``stay``, ``up``, ``down`` (A, K); ``on`` and ``stop`` (A,).

    ``on`` counts the boundaries crossed beyond the first, ``stop`` the walks that could have gone on and did not.
    """

    stay: Array
    up: Array
    down: Array
    on: Array
    stop: Array

    @property
    def err(self) -> Array:
        return self.up + self.down


def estimate_panel(counts: Array, models: Models, strength: float) -> Models:
    """One error model for all, near what is expected of experts; repeated for each annotator.

    Each boundary is crossed upwards as often as downwards. Where photos have two opinions each, only the sum of the two
    can be told from them: that one says 3 and the other 4 does not tell which way somebody erred.
    """
    n_annotators = len(counts)
    if isinstance(models, Coins):
        hits, n = (part.sum(keepdims=True) for part in _hits(counts, models))
        accuracy, _ = _share((hits, n), PRIOR_ACCURACY, strength)
        return Coins(np.repeat(accuracy, n_annotators), models.n_stages)
    steps = _steps(counts, models)
    err_up, err_down, answers = (part.sum(axis=0) for part in (steps.up, steps.down, steps.stay + steps.err))
    crossed = err_up[:-1] + err_down[1:] + 2 * strength * PRIOR_STEP
    step = np.minimum(crossed / (answers[:-1] + answers[1:] + 2 * strength), MOST)
    steps_of_all = np.repeat(step[None], n_annotators, axis=0)
    on, stop = steps.on.sum() + CARRY_STRENGTH * PRIOR_CARRY, steps.stop.sum() + CARRY_STRENGTH * (1 - PRIOR_CARRY)
    return Walks(steps_of_all, steps_of_all.copy(), np.full(n_annotators, on / (on + stop)))


def estimate_level(counts: Array, models: Models, panel: Models) -> tuple[Models, Array]:
    """The panel's error models, each moved by how much its annotator errs, and in which direction, at all boundaries.

    Two logistic regressions on one coefficient each, with the panel's log-odds as offset: erring or not, up or down.
    """
    if isinstance(panel, Coins):
        return panel, np.zeros(len(counts))  # a coin has no boundaries: its level is the estimate itself
    assert isinstance(models, Walks)
    steps = _steps(counts, models)
    error_odds = _error_share(panel) / (1 - _error_share(panel))
    level, level_prior = _logistic_shift(steps.err, steps.err + steps.stay, np.log(error_odds), LEVEL_SPREAD)
    inner = slice(1, -1)
    up_odds = panel.up[:, 1:] / panel.down[:, :-1]
    lean, lean_prior = _logistic_shift(steps.up[:, inner], steps.err[:, inner], np.log(up_odds), LEAN_SPREAD)
    error = _sigmoid(np.log(error_odds) + level[:, None])
    up_share = np.ones_like(error)
    up_share[:, inner] = _sigmoid(np.log(up_odds) + lean[:, None])
    up_share[:, -1] = 0.0
    carry, carry_prior = _carry(steps, panel.carry)
    walks = Walks((error * up_share)[:, :-1], (error * (1 - up_share))[:, 1:], carry)
    return walks, level_prior + lean_prior + carry_prior


def estimate_own(counts: Array, models: Models, prior: Models, strength: float) -> tuple[Models, Array]:
    """Error models of each annotator, every boundary free, near ``prior``."""
    if isinstance(models, Coins):
        assert isinstance(prior, Coins)
        accuracy, log_prior = _share(_hits(counts, models), prior.accuracy, strength)
        return Coins(accuracy, models.n_stages), log_prior
    assert isinstance(prior, Walks)
    return _walks(_steps(counts, models), prior, strength)


def _steps(counts: Array, models: Walks) -> _Steps:
    """What the walks did, of answers counted by truth and answer."""
    confusion = models.confusion()
    n_stages = confusion.shape[1]
    walked = counts * (1 - SLIP / n_stages / confusion)
    truth, answer = np.indices((n_stages, n_stages))
    beyond = np.maximum(np.abs(answer - truth) - 1, 0)
    could_go_on = (answer != truth) & (answer > 0) & (answer < n_stages - 1)
    return _Steps(
        stay=np.einsum("att->at", walked),
        up=(walked * (answer > truth)).sum(axis=2),
        down=(walked * (answer < truth)).sum(axis=2),
        on=(walked * beyond).sum(axis=(1, 2)),
        stop=(walked * could_go_on).sum(axis=(1, 2)),
    )


def _walks(steps: _Steps, prior: Walks, strength: float) -> tuple[Walks, Array]:
    """Posterior modes: at each stage Dirichlet over (down, stay, up), and a beta distribution for ``carry``."""
    up, down = np.zeros_like(steps.up), np.zeros_like(steps.up)
    up[:, :-1], down[:, 1:] = prior.up, prior.down
    imagined_up, imagined_down = strength * up, strength * down
    imagined_stay = strength * (1 - up - down)
    total = steps.stay + steps.err + strength
    new_up = ((steps.up + imagined_up) / total)[:, :-1]
    new_down = ((steps.down + imagined_down) / total)[:, 1:]
    stay = (steps.stay + imagined_stay) / total
    log_prior = (
        (imagined_up[:, :-1] * np.log(new_up)).sum(axis=1)
        + (imagined_down[:, 1:] * np.log(new_down)).sum(axis=1)
        + (imagined_stay * np.log(stay)).sum(axis=1)
    )
    carry, carry_prior = _carry(steps, prior.carry)
    return Walks(new_up, new_down, carry), log_prior + carry_prior


def _carry(steps: _Steps, prior: Array) -> tuple[Array, Array]:
    on, stop = CARRY_STRENGTH * prior, CARRY_STRENGTH * (1 - prior)
    carry = (steps.on + on) / (steps.on + steps.stop + CARRY_STRENGTH)
    return carry, on * np.log(carry) + stop * np.log(1 - carry)


def _hits(counts: Array, models: Coins) -> tuple[Array, Array]:
    """Answers that were right, and all answers, slips of the key taken out: (A,) each."""
    confusion = models.confusion()
    walked = counts * (1 - SLIP / models.n_stages / confusion)
    return np.einsum("att->a", walked), walked.sum(axis=(1, 2))


def _share(counted: tuple[Array, Array], prior: Array | float, strength: float) -> tuple[Array, Array]:
    hits, n = counted
    share = (hits + strength * prior) / (n + strength)
    right, wrong = strength * np.asarray(prior), strength * (1 - np.asarray(prior))
    return share, right * np.log(share) + wrong * np.log(1 - share)


def _error_share(models: Walks) -> Array:
    """Probability of any step at each true stage: (A, K)."""
    return _padded(models.up, after=1) + _padded(models.down, before=1)


def _padded(part: Array, *, before: int = 0, after: int = 0) -> Array:
    return np.pad(part, ((0, 0), (before, after)))


def _logistic_shift(hits: Array, n: Array, offset: Array, spread: float) -> tuple[Array, Array]:
    """For each row the x that maximises sum(hits log p + (n - hits) log(1 - p)) - (x / spread)^2 / 2.

    p is sigmoid(offset + x). The target is concave, so Newton's steps, kept short, cannot miss it.
    """
    shift = np.zeros(len(hits))
    for _ in range(NEWTON_STEPS):
        p = _sigmoid(offset + shift[:, None])
        slope = (hits - n * p).sum(axis=1) - shift / spread**2
        curvature = (n * p * (1 - p)).sum(axis=1) + 1 / spread**2
        shift = np.clip(shift + np.clip(slope / curvature, -1, 1), -STEEPEST, STEEPEST)
    return shift, -((shift / spread) ** 2) / 2


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))
