"""What the agreement page tells of each annotator: how often right, where wrong, how dependent on the model; flags.

Each flag needs a 95 % interval that lies wholly beyond its threshold, from ``FEWEST_FOR_A_FLAG`` answers on:

- *careless*: more than ``FAR_SHARE`` of the answers, and more than ``TIMES_THE_REST`` times the share of the rest of
  the panel, are two or more stages from the truth, as no reading of the photo explains; or more than ``WRONG_SHARE`` of
  them, and more than ``TIMES_THE_REST`` times the rest's, are wrong.
- *early*, *late*: the answers lie on average more than ``BIAS`` stages before or after the truth.
- *anchored*: in more than ``COPIED`` more of the answers the suggestion is taken over where it is shown than where it
  is hidden. The share taken over is how much more often answers agree with it than what the others said lets expect, of
  the room there is. So agreement counts most where it is least expected: mostly model and experts are right together,
  which tells nothing of who follows whom. Few answers are blind, and nobody follows what they do not see: agreement
  there beyond what is expected comes from photos that are hard for everybody, so each annotator's share where it is
  hidden is drawn towards that of the others, as random-effects meta-analysis does.

Which photos are blind is drawn at random among those that are asked one at a time, so the two shares differ only by
what was seen. Photos of the evaluation set (always blind), of known stage and from the triage grid (sorted by the
model) do not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from labeling.domain.annotator_model import Fit, Opinions
from labeling.domain.error_models import likelihoods
from labeling.domain.intervals import (
    N_BLOCKS,
    Array,
    Interval,
    Means,
    Pooled,
    Z,
    difference,
    drawn_together,
    expected_means,
    share_interval,
)

FEWEST_FOR_A_FLAG = 30
FAR = 2
"""An answer this many stages from the truth is far off."""
FAR_SHARE = 0.05
WRONG_SHARE = 1 / 3
TIMES_THE_REST = 2.0
BIAS = 0.10
COPIED = 0.10
LEAST_SPREAD = 0.05
"""Annotators differ at least this much (a standard deviation) in the share "taken over" where it is hidden."""
COPIED_RANGE = (-0.1, 0.99)
"""Below 0: agrees less often than expected."""
BELIEVABLE = (0.1, 0.95)
"""Agreement is never expected less or more often than this: few answers must not outweigh all others."""


@dataclass(frozen=True)
class Seen:
    """What annotators saw of the model, beside ``Opinions``; all (M,).

    Attributes:
        suggested: the stage the model liked best, or -1.
        is_shown: whether the annotator saw it.
        is_comparable: whether it was drawn at random if they do.
        block: where the photo's group is, by ``intervals.blocks_of``.
        is_gold: whether the photo's stage is known by decree.
    """

    suggested: npt.NDArray[np.intp]
    is_shown: npt.NDArray[np.bool_]
    is_comparable: npt.NDArray[np.bool_]
    block: npt.NDArray[np.intp]
    is_gold: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Anchoring:
    """Agreement with the model's suggestion."""

    shown: Interval
    hidden: Interval
    difference: Interval


@dataclass(frozen=True)
class AnnotatorFigures:
    """One annotator. ``accuracy`` is None for those who cannot be told apart from the others."""

    n_gold: int
    accuracy: Interval | None
    gold_accuracy: Interval | None
    bias: float
    anchoring: Anchoring | None
    flags: list[str] = field(default_factory=list)


def annotator_figures(opinions: Opinions, fit: Fit, seen: Seen) -> list[AnnotatorFigures]:
    """The figures of every annotator, in order."""
    panel = _Panel(opinions, fit, seen)
    return [panel.figures(annotator) for annotator in range(opinions.n_annotators)]


class _Panel:
    """Expected shares of all annotators, by which each is judged beside the rest."""

    def __init__(self, opinions: Opinions, fit: Fit, seen: Seen) -> None:
        self._opinions, self._fit, self._seen = opinions, fit, seen
        truth, answer = np.indices((opinions.n_stages, opinions.n_stages))
        distance = (answer - truth).astype(np.float64)
        self._right = self._means((distance == 0).astype(np.float64))
        self._wrong = Means(1 - self._right.value, self._right.variance, self._right.n)
        self._far = self._means((np.abs(distance) >= FAR).astype(np.float64)) if opinions.is_ordered else None
        self._bias = self._means(distance) if opinions.is_ordered else None

    def figures(self, annotator: int) -> AnnotatorFigures:
        rows = np.flatnonzero(self._opinions.annotator == annotator)
        gold = rows[self._seen.is_gold[rows]]
        rows = self._comparable(annotator)
        anchoring = self._anchoring(rows, self._hits(rows))
        is_known = bool(self._fit.is_identified[annotator])
        return AnnotatorFigures(
            n_gold=len(gold),
            accuracy=self._right.of(annotator) if is_known else None,
            gold_accuracy=self._gold_accuracy(gold),
            bias=0.0 if self._bias is None else float(self._bias.value[annotator]),
            anchoring=anchoring,
            flags=self._flags(annotator) + self._anchored(annotator, rows, anchoring),
        )

    @property
    def _annotators(self) -> range:
        return range(self._opinions.n_annotators)

    def _comparable(self, annotator: int) -> npt.NDArray[np.intp]:
        """Rows of the annotator's answers to photos with a suggestion, seen or hidden by chance."""
        is_comparable = self._seen.is_comparable & (self._seen.suggested >= 0)
        return np.flatnonzero((self._opinions.annotator == annotator) & is_comparable)

    def _hits(self, rows: npt.NDArray[np.intp]) -> Array:
        return _agrees(self._opinions.code[rows], self._seen.suggested[rows], self._opinions.n_stages)

    def _means(self, figure: Array) -> Means:
        """Expected means of a figure (K, K) of truth and answer."""
        opinions, fit = self._opinions, self._fit
        first, second = (_by_code(fit.models.confusion(), moment, opinions) for moment in (figure, figure**2))
        expected, squared = np.zeros(len(opinions.photo)), np.zeros(len(opinions.photo))
        cell = opinions.annotator * first.shape[1] + opinions.code
        for stage in range(opinions.n_stages):
            probability = fit.posterior[opinions.photo, stage]
            expected += probability * first[:, :, stage].ravel()[cell]
            squared += probability * second[:, :, stage].ravel()[cell]
        uncertainty = np.maximum(squared - expected**2, 0.0)
        return expected_means(expected, uncertainty, opinions.annotator, self._seen.block, opinions.n_annotators)

    def _gold_accuracy(self, gold: npt.NDArray[np.intp]) -> Interval | None:
        known = self._opinions.known[self._opinions.photo[gold]]
        hits = _agrees(self._opinions.code[gold], known, self._opinions.n_stages)
        return share_interval(hits, np.ones(len(gold)), self._seen.block[gold])

    def _anchoring(self, rows: npt.NDArray[np.intp], hits: Array) -> Anchoring | None:
        """Agreement with the suggestion where it was shown and where it was hidden, and the difference."""
        seen = self._seen
        shown, hidden = (
            share_interval(hits[side], np.ones(int(side.sum())), seen.block[rows][side])
            for side in (seen.is_shown[rows], ~seen.is_shown[rows])
        )
        return Anchoring(shown, hidden, difference(shown, hidden)) if shown and hidden else None

    def _expected_agreement(self, rows: npt.NDArray[np.intp]) -> Array:
        """How probable it is that an answer names the suggestion, by what the others said of the photo."""
        opinions, confusion = self._opinions, self._fit.models.confusion()
        who = opinions.annotator[rows]
        by_others = self._fit.posterior[opinions.photo[rows]] / likelihoods(confusion)[who, opinions.code[rows]]
        names_it = confusion[who, :, self._seen.suggested[rows]]
        return (by_others * names_it).sum(axis=1) / by_others.sum(axis=1)

    @cached_property
    def _copied_hidden(self) -> Pooled:
        """Share taken over where the suggestion is hidden, of every annotator, each drawn towards the others.

        Those who do not look share none of what is hard for everybody: nobody is drawn towards the careless.
        """
        shares = [
            self._copied(rows[~self._seen.is_shown[rows]]) if not self._is_careless(annotator) else (np.nan, np.inf)
            for annotator, rows in enumerate(map(self._comparable, self._annotators))
        ]
        return drawn_together(*np.array(shares).reshape(-1, 2).T, least_spread=LEAST_SPREAD)

    def _copied(self, rows: npt.NDArray[np.intp]) -> tuple[float, float]:
        """Share of the answers that take the suggestion over, and its variance; (nan, inf) where there are none."""
        if not len(rows):
            return float("nan"), float("inf")
        expected = np.clip(self._expected_agreement(rows), *BELIEVABLE)
        return copied_share(self._hits(rows), expected, self._seen.block[rows])

    def _anchored(self, annotator: int, rows: npt.NDArray[np.intp], anchoring: Anchoring | None) -> list[str]:
        if anchoring is None or anchoring.shown.n < FEWEST_FOR_A_FLAG:
            return []
        shown, variance = self._copied(rows[self._seen.is_shown[rows]])
        hidden = self._copied_hidden
        more = shown - float(hidden.value[annotator])
        return ["anchored"] if more - Z * np.sqrt(variance + hidden.variance[annotator]) > COPIED else []

    def _flags(self, annotator: int) -> list[str]:
        if self._is_careless(annotator):
            return ["careless"]
        if self._bias is None or not self._is_judged(annotator):
            return []
        return _leaning(float(self._bias.value[annotator]), float(self._bias.variance[annotator]))

    def _is_judged(self, annotator: int) -> bool:
        return bool(self._fit.is_identified[annotator]) and self._right.n[annotator] >= FEWEST_FOR_A_FLAG

    def _is_careless(self, annotator: int) -> bool:
        if not self._is_judged(annotator):
            return False
        far = self._far is not None and self._is_beyond(self._far, annotator, FAR_SHARE)
        return far or self._is_beyond(self._wrong, annotator, WRONG_SHARE)

    def _is_beyond(self, means: Means, annotator: int, least: float) -> bool:
        """Whether the share is beyond ``least`` and beyond ``TIMES_THE_REST`` times the rest's, both for certain."""
        share, variance = float(means.value[annotator]), float(means.variance[annotator])
        rest, rest_variance = means.of_others(annotator, self._fit.is_identified)
        is_much = share - least > Z * np.sqrt(variance)
        if np.isnan(rest):
            return bool(is_much)
        above = share - TIMES_THE_REST * rest
        return bool(is_much and above > Z * np.sqrt(variance + TIMES_THE_REST**2 * rest_variance))


def copied_share(hits: Array, expected: Array, block: npt.NDArray[np.intp]) -> tuple[float, float]:
    """Share c of answers that are the suggestion whatever the photo shows, and its variance, the grouping counted in.

    An answer then agrees with the suggestion with probability ``expected + c * (1 - expected)``. c is the maximum of
    the likelihood, which is concave; the variance is the sandwich estimate.

    Args:
        hits: whether each answer agrees, (n,) in 0..1.
        expected: probability of that for somebody who does not see the suggestion, (n,) within ``BELIEVABLE``.
        block: where the photo's group is, (n,).
    """

    def score(share: float) -> tuple[Array, float]:
        agrees = expected + share * (1 - expected)
        slope = (1 - expected) / (agrees * (1 - agrees))
        return (hits - agrees) * slope, float((slope * (1 - expected)).sum())

    low, high = COPIED_RANGE
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if score(middle)[0].sum() > 0 else (low, middle)
    share = (low + high) / 2
    scores, information = score(share)
    return share, float((np.bincount(block, scores, N_BLOCKS) ** 2).sum() / information**2)


def _leaning(bias: float, variance: float) -> list[str]:
    if abs(bias) - Z * np.sqrt(variance) <= BIAS:
        return []
    return ["late" if bias > 0 else "early"]


def _by_code(confusion: Array, figure: Array, opinions: Opinions) -> Array:
    """Expectation of a figure (K, K) of truth and answer, by what was said: (A, n_codes, K), the truth last."""
    weighted = (confusion * figure).transpose(0, 2, 1)
    table = np.broadcast_to(figure.T, weighted.shape)
    if not opinions.is_ordered:
        return np.array(table)
    said = confusion.transpose(0, 2, 1)
    between = (weighted[:, :-1] + weighted[:, 1:]) / (said[:, :-1] + said[:, 1:])
    return np.concatenate([table, between], axis=1)


def _agrees(code: npt.NDArray[np.intp], stage: npt.NDArray[np.intp], n_stages: int) -> Array:
    """1 where a code names the stage, a half where it names it and a neighbour."""
    lower = np.where(code < n_stages, code, code - n_stages)
    upper = np.where(code < n_stages, code, code - n_stages + 1)
    return ((lower == stage).astype(np.float64) + (upper == stage)) / 2
