"""What a photo shows, given what annotators said, how good they are, and what a model thinks.

Every stage is taken to be equally likely beforehand: which photos are asked is the acquisition's choice, so how common
a stage is among them says nothing about the field.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labeling.domain.error_models import Array, Models, code_of, likelihoods

LEAST_PROBABILITY = 1e-6


def stage_posterior(
    intervals: Sequence[tuple[int, int]], confusions: Sequence[Array], *, vote: Array | None = None
) -> Array:
    """Probability of each stage, shape (K,), sum 1.

    Args:
        intervals: what was said, (lower, upper), equal for a plain stage.
        confusions: of the same annotators in the same order, (K, K) each, [truth, answer].
        vote: what :func:`model_vote` makes of the model, (K,).

    Raises:
        ValueError: without an opinion, or for one outside the scale.
    """
    if not intervals:
        raise ValueError("a posterior needs an opinion")
    tables = likelihoods(np.stack(confusions))
    lower, upper = np.asarray(intervals, np.intp).T
    codes = code_of(lower, upper, n_stages=tables.shape[2])
    evidence = np.log(tables[np.arange(len(codes)), codes]).sum(axis=0)
    if vote is not None:
        evidence = evidence + vote
    posterior = np.exp(evidence - evidence.max())
    return posterior / posterior.sum()


def model_vote(probabilities: Sequence[float], *, cap: float, average: Models) -> Array:
    """A model's opinion as log-evidence, shape (K,), 0 for the stage it likes best and negative for the rest.

    Between any two stages it weighs at most ``cap`` times what the average annotator's word weighs between neighbours,
    where that word weighs least. Below the bound the model's log-odds count by ``cap``: it has seen the labels of the
    same annotators, so what it says is not all news.

    Args:
        probabilities: calibrated, (K,).
        cap: 0 (none) to 1 (as much as an average annotator).
        average: the average annotator, as error models of one.
    """
    logs = np.log(np.clip(np.asarray(probabilities, np.float64), LEAST_PROBABILITY, None))
    return cap * np.maximum(logs - logs.max(), -word_weight(average))


def word_weight(average: Models) -> float:
    """The log-odds that the average annotator's word gives the stage named over a neighbour, where it gives least."""
    logs = np.log(average.confusion()[0])
    stages = np.arange(len(logs))
    neighbours = np.abs(stages[:, None] - stages[None, :]) == 1
    return float(max(0.0, (np.diag(logs)[None, :] - logs)[neighbours].min()))
