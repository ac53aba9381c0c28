"""How good are annotators, told from what they said of the same photos? Dawid and Skene's model, for ordered stages.

Every photo has one true stage, every annotator an error model (``error_models.py``), and given the truth annotators err
independently. Truth and error models are estimated together by EM, in three phases, each from where the last stopped:

1. *Panel*: all annotators share one error model, near what is expected of experts, and err to both sides alike.
2. *Level*: each annotator errs more or less than the panel, and more or less upwards, alike at all boundaries.
3. *Own*: each boundary of each annotator is free, near phase 2.

Two annotators cannot be told apart by what they say: that they disagree does not tell who errs. So phases 2 and 3 are
for annotators who are *identified*: two others answered photos of theirs and of each other. The rest keep the panel's
model, moved only by what they said of photos whose stage is known.

A model's suggestions play no part: an annotator who follows them would be judged by them.

Shapes: M opinions on N photos by A annotators, K stages. Everything is deterministic.

References:
    Dawid, A. P., Skene, A. M. 1979. Maximum likelihood estimation of observer error-rates using the EM algorithm.
    Applied Statistics 28(1), 20-28.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labeling.domain.error_estimates import (
    OWN_STRENGTH,
    PANEL_STRENGTH,
    estimate_level,
    estimate_own,
    estimate_panel,
)
from labeling.domain.error_models import Array, Models, chosen, likelihoods, prior_models

MAX_ITERATIONS = 200
TOLERANCE = 1e-6
KNOWN_ITERATIONS = 20
IDENTIFIED_FROM = 20
"""Photos shared within threes, summed over the threes an annotator belongs to, from which they are identified."""
STAGE_SHARE_STRENGTH = 1.0
BLOCK = 20_000


@dataclass(frozen=True)
class Opinions:
    """Who said what of which photo.

    Attributes:
        photo: (M,) rows of photos, 0..N - 1.
        annotator: (M,) rows of annotators, 0..A - 1; at most one opinion of one photo each.
        code: (M,) what was said, as in ``error_models.likelihoods``.
        known: (N,) the stage where it is known for certain, else -1.
        n_annotators: A.
        n_stages: K.
        is_ordered: whether neighbours on the scale are alike.
    """

    photo: npt.NDArray[np.intp]
    annotator: npt.NDArray[np.intp]
    code: npt.NDArray[np.intp]
    known: npt.NDArray[np.intp]
    n_annotators: int
    n_stages: int
    is_ordered: bool = True

    def __post_init__(self) -> None:
        n_codes = self.n_stages * 2 - 1 if self.is_ordered else self.n_stages
        for rows, end in ((self.photo, len(self.known)), (self.annotator, self.n_annotators), (self.code, n_codes)):
            if rows.shape != self.photo.shape or (rows.size and not 0 <= rows.min() <= rows.max() < end):
                raise ValueError("opinions must name photos, annotators and stages that exist")
        if self.known.size and not -1 <= self.known.min() <= self.known.max() < self.n_stages:
            raise ValueError("a known stage is not on the scale")


@dataclass(frozen=True)
class Fit:
    """What EM came to.

    Attributes:
        models: error models of the annotators.
        panel: the error model all share, as models of one.
        stage_share: (K,) how common the stages are among the photos.
        posterior: (N, K) probability of each stage of each photo, from the opinions of people and known stages.
        is_identified: (A,) whether the annotator could be told apart from the others.
        trace: penalised log-likelihood of phase 3 before each of its steps; never falls.
    """

    models: Models
    panel: Models
    stage_share: Array
    posterior: Array
    is_identified: npt.NDArray[np.bool_]
    trace: tuple[float, ...]


def fit_annotators(
    opinions: Opinions,
    *,
    panel_strength: float = PANEL_STRENGTH,
    own_strength: float = OWN_STRENGTH,
    max_iterations: int = MAX_ITERATIONS,
    tolerance: float = TOLERANCE,
    on_phase: Callable[[int], None] = lambda _: None,
) -> Fit:
    """Estimate every annotator's error model and every photo's stage. Without any opinion: the prior.

    Args:
        opinions: who said what.
        panel_strength: imagined answers of each stage behind the prior.
        own_strength: imagined answers of each stage that hold an annotator to the panel.
        max_iterations: of EM, in each phase.
        tolerance: a phase ends when an iteration gains less than this per opinion.
        on_phase: told the number of each phase that is over.
    """
    start = prior_models(opinions.n_annotators, n_stages=opinions.n_stages, is_ordered=opinions.is_ordered)
    em = _Em(opinions, max_iterations, tolerance)
    free = np.zeros(1)
    shared = em.run(start, lambda counts, models: (estimate_panel(counts, models, panel_strength), free))
    on_phase(1)
    is_identified = identified(opinions)
    held = _from_known(opinions, shared.models, own_strength)

    def kept(step: tuple[Models, Array]) -> tuple[Models, Array]:
        return chosen(is_identified, step[0], held), step[1] * is_identified

    first = replace(shared, models=chosen(is_identified, shared.models, held))
    level = em.run(first.models, lambda counts, models: kept(estimate_level(counts, models, shared.models)))
    on_phase(2)
    own = em.run(level.models, lambda counts, models: kept(estimate_own(counts, models, level.models, own_strength)))
    on_phase(3)
    of_one = prior_models(1, n_stages=opinions.n_stages, is_ordered=opinions.is_ordered)
    panel = shared.models.mean() if opinions.n_annotators else of_one
    return replace(own, panel=panel, is_identified=is_identified)


def identified(opinions: Opinions) -> npt.NDArray[np.bool_]:
    """Which annotators can be told apart from the others by agreement alone, shape (A,)."""
    shared = _photos_shared(opinions)
    np.fill_diagonal(shared, 0)
    weights = np.zeros(opinions.n_annotators)
    for annotator, row in enumerate(shared):
        # Each three is seen twice, once from either of the other two.
        weights[annotator] = np.minimum(np.minimum(row[:, None], row[None, :]), shared).sum() / 2
    return weights >= IDENTIFIED_FROM


def _photos_shared(opinions: Opinions) -> npt.NDArray[np.float32]:
    """How many photos each two annotators both answered, shape (A, A); a block of photos at a time."""
    shared = np.zeros((opinions.n_annotators, opinions.n_annotators), np.float32)
    order = np.argsort(opinions.photo, kind="stable")
    photo, annotator = opinions.photo[order], opinions.annotator[order]
    for first in range(0, len(opinions.known), BLOCK):
        rows = slice(*np.searchsorted(photo, [first, first + BLOCK]))
        answered = np.zeros((BLOCK, opinions.n_annotators), np.float32)
        answered[photo[rows] - first, annotator[rows]] = 1
        shared += answered.T @ answered
    return shared


def _from_known(opinions: Opinions, panel: Models, strength: float) -> Models:
    """Error models near the panel's, told from photos of known stage alone."""
    rows = opinions.known[opinions.photo] >= 0
    only = replace(opinions, photo=opinions.photo[rows], annotator=opinions.annotator[rows], code=opinions.code[rows])
    em = _Em(only, KNOWN_ITERATIONS, TOLERANCE)
    level = em.run(panel, lambda counts, models: estimate_level(counts, models, panel)).models
    return em.run(level, lambda counts, models: estimate_own(counts, models, level, strength)).models


class _Em:
    """Expectation and maximisation over the N' photos that have opinions. Stages come first in its arrays: (K, N').

    A stage at a time, the working memory is a few numbers per opinion whatever the number of stages.
    """

    def __init__(self, opinions: Opinions, max_iterations: int, tolerance: float) -> None:
        order = np.argsort(opinions.photo, kind="stable")
        self._opinions = opinions
        self._max_iterations = max_iterations
        self._least_gain = tolerance * max(len(opinions.photo), 1)
        self._n_codes = opinions.n_stages * 2 - 1 if opinions.is_ordered else opinions.n_stages
        photo = opinions.photo[order]
        self._answered, self._starts, self._row = np.unique(photo, return_index=True, return_inverse=True)
        self._cell = opinions.annotator[order] * self._n_codes + opinions.code[order]
        known = opinions.known[self._answered]
        is_other = (known >= 0) & (known != np.arange(opinions.n_stages)[:, None])
        self._impossible = np.where(is_other, -np.inf, 0)

    def run(self, models: Models, maximise: Callable[[Array, Models], tuple[Models, Array]]) -> Fit:
        """EM from ``models`` on, until it stands still."""
        n_stages = self._opinions.n_stages
        share, log_prior, trace = np.full(n_stages, 1 / n_stages), np.full(1, -np.inf), []
        for _ in range(self._max_iterations):
            posterior, log_likelihood = self._expect(models, share)
            trace.append(log_likelihood + float(log_prior.sum() + STAGE_SHARE_STRENGTH * np.log(share).sum()))
            if len(trace) > 2 and trace[-1] - trace[-2] < self._least_gain:
                break
            models, log_prior = maximise(self._counts(models, posterior), models)
            share = posterior.sum(axis=1) + STAGE_SHARE_STRENGTH
            share /= share.sum()
        posterior, _ = self._expect(models, share)
        return Fit(models, models, share, self._by_photo(posterior, share), np.zeros(0, bool), tuple(trace[1:]))

    def _expect(self, models: Models, share: Array) -> tuple[Array, float]:
        """Posterior (K, N') of the photos, and the log-likelihood of all opinions."""
        if not len(self._cell):
            return np.zeros((len(share), 0)), 0.0
        logs = np.log(likelihoods(models.confusion())[:, : self._n_codes]).reshape(-1, len(share))
        joint = self._impossible + np.log(share)[:, None]
        for stage, column in enumerate(np.ascontiguousarray(logs.T)):
            joint[stage] += np.add.reduceat(column[self._cell], self._starts)
        peak = joint.max(axis=0)
        posterior = np.exp(joint - peak)
        total = posterior.sum(axis=0)
        return posterior / total, float((np.log(total) + peak).sum())

    def _counts(self, models: Models, posterior: Array) -> Array:
        """Expected answers (A, K, K) by truth; those of "between" are divided as the models divide them."""
        shape = (self._opinions.n_annotators, self._n_codes)
        size = shape[0] * shape[1]
        by_code = np.stack(
            [np.bincount(self._cell, stage[self._row], size).reshape(shape) for stage in posterior], axis=1
        ).astype(np.float64)
        n_stages = self._opinions.n_stages
        counts = by_code[:, :, :n_stages].copy()
        if self._opinions.is_ordered:
            confusion, between = models.confusion(), by_code[:, :, n_stages:]
            lower = confusion[:, :, :-1] / (confusion[:, :, :-1] + confusion[:, :, 1:])
            counts[:, :, :-1] += between * lower
            counts[:, :, 1:] += between * (1 - lower)
        return counts

    def _by_photo(self, posterior: Array, share: Array) -> Array:
        """Posteriors (N, K) of all photos; without an opinion: what is known, else how common the stages are."""
        known = self._opinions.known
        rows = np.where(known[:, None] >= 0, known[:, None] == np.arange(len(share)), share)
        rows[self._answered] = posterior.T
        return rows
