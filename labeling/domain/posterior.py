"""What a photo shows, given what annotators said, how good they are, and what a model thinks.

Every stage is taken to be equally likely beforehand: which photos are asked is the acquisition's choice, so how common
a stage is among them says nothing about the field.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

import numpy as np

from labeling.domain.error_models import Array, Models, likelihoods

LEAST_PROBABILITY = 1e-6
Author = TypeVar("Author", bound=Hashable)


def stage_posterior(
    intervals: Sequence[tuple[int, int]], evidence: Sequence[Array], *, vote: Array | None = None
) -> Array:
    """Probability of each stage, shape (K,), sum 1.

    Args:
        intervals: what was said, (lower, upper), equal for a plain stage.
        evidence: of the same annotators in the same order, :func:`evidence_of` each.
        vote: what :func:`model_vote` makes of the model, (K,).

    Raises:
        ValueError: without an opinion, or for one outside the scale.
    """
    if not intervals:
        raise ValueError("a posterior needs an opinion")
    n_stages = evidence[0].shape[1]
    total = np.zeros(n_stages) if vote is None else vote.copy()
    for (lower, upper), table in zip(intervals, evidence, strict=True):
        if not 0 <= lower <= upper <= lower + 1 or upper >= n_stages:
            raise ValueError(f"no interval of a scale of {n_stages}: {lower}-{upper}")
        total += table[lower if lower == upper else n_stages + lower]
    posterior = np.exp(total - total.max())
    return posterior / posterior.sum()


def evidence_of(models: Models) -> Array:
    """What annotators' words weigh: log P(code | truth), shape (A, 2 K - 1, K); codes as in ``likelihoods``."""
    return np.log(likelihoods(models.confusion()))


def model_vote(probabilities: Sequence[float], *, cap: float, word: float) -> Array:
    """A model's opinion as log-evidence, shape (K,), 0 for the stage it likes best and negative for the rest.

    Between any two stages it weighs at most ``cap * word``. Below the bound the model's log-odds count by ``cap``: it
    has seen the labels of the same annotators, so what it says is not all news.

    Args:
        probabilities: calibrated, (K,).
        cap: 0 (none) to 1 (as much as an average annotator).
        word: :func:`word_weight` of the average annotator.
    """
    logs = np.log(np.clip(np.asarray(probabilities, np.float64), LEAST_PROBABILITY, None))
    return cap * np.maximum(logs - logs.max(), -word)


def word_weight(average: Models) -> float:
    """The log-odds that the average annotator's word gives the stage named over a neighbour, where it gives least."""
    logs = np.log(average.confusion()[0])
    stages = np.arange(len(logs))
    neighbours = np.abs(stages[:, None] - stages[None, :]) == 1
    return float(max(0.0, (np.diag(logs)[None, :] - logs)[neighbours].min()))


class Panel(Generic[Author]):
    """The annotators of a scale, as far as they are known; what is worked out from them is worked out once."""

    def __init__(self, authors: Sequence[Author], models: Models | None, average: Models) -> None:
        """Remember how good annotators are.

        Args:
            authors: those who have been estimated.
            models: their error models, in the same order; None where there are none.
            average: the average expert, as error models of one. Who has not been estimated counts as that.
        """
        tables = [] if models is None else list(evidence_of(models))
        self._evidence = dict(zip(authors, tables, strict=True))
        self._newcomer = evidence_of(average)[0]
        self._word = word_weight(average)

    def evidence(self, author: Author) -> Array:
        """What the words of an author weigh, as a row of :func:`evidence_of`: log P(code | truth), (2 K - 1, K)."""
        return self._evidence.get(author, self._newcomer)

    def posterior(
        self,
        *,
        authors: Sequence[Author],
        intervals: Sequence[tuple[int, int]],
        probabilities: Sequence[float],
        vote_cap: float,
    ) -> list[float]:
        """Probability of each stage, given who said what and a model's calibrated probabilities (may be empty)."""
        vote = model_vote(probabilities, cap=vote_cap, word=self._word) if len(probabilities) else None
        evidence = [self.evidence(author) for author in authors]
        return [float(it) for it in stage_posterior(intervals, evidence, vote=vote)]
