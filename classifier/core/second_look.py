"""One ranked list of labels that deserve a second look, with what speaks against each.

Each source (the model, near-duplicates, the plant's timeline, the season, the experts' votes) gives a distribution
over the stages of every photo. They are multiplied, weighted, and what is left for the given label is its quality.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Literal

import numpy as np

from classifier.core.contracts import Array
from classifier.core.pooling import log_probas, softmax

Source = Literal["model", "duplicates", "timeline", "season", "votes"]
#: Timeline and season both know the date, and the timeline has seen the model's other answers: they count for less.
WEIGHTS: dict[Source, float] = {"model": 1.0, "duplicates": 1.0, "timeline": 0.5, "season": 0.3, "votes": 1.0}
#: Stages that the evidence favours by no more than this are tied.
_TIE = 1e-6


@dataclasses.dataclass(frozen=True, slots=True)
class Evidence:
    """What one source says.

    Parameters
    ----------
    source : str
    probas : ndarray of shape (n, K)
        Even where the source says nothing. The model's are out of fold; the timeline's are those of the plant's other
        photos.
    """

    source: Source
    probas: Array


@dataclasses.dataclass(frozen=True, slots=True)
class SecondLook:
    """A label to look at again.

    Parameters
    ----------
    index : int
    doubt : float
        1 less the label's share of what all sources say, 0..1.
    suggested : int
        The stage that the sources together favour.
    source : str
        The source that speaks most for `suggested` against the label.
    against : tuple of str
        All sources that favour `suggested`, that one first.
    """

    index: int
    doubt: float
    suggested: int
    source: Source
    against: tuple[Source, ...]


def pooled_evidence(evidence: Sequence[Evidence]) -> Array:
    """Multiply the weighted sources: distributions of shape (n, K)."""
    return softmax(np.sum([WEIGHTS[it.source] * log_probas(it.probas) for it in evidence], axis=0))


def second_looks(labels: Array, evidence: Sequence[Evidence], *, at_most: int | None = None) -> list[SecondLook]:
    """Rank the labels that the evidence doubts.

    Parameters
    ----------
    labels : ndarray of shape (n,), int
        -1 where there is none.
    evidence : sequence of Evidence
        One or more, of distinct sources.
    at_most : int, optional
        How many are wanted; None for all that are doubted.

    Returns
    -------
    list of SecondLook
        Most doubtful first. Labels that the evidence as a whole favours are left out.
    """
    labels = np.asarray(labels, dtype=np.int64)
    if not evidence:
        raise ValueError("a second look needs evidence")
    if len({it.source for it in evidence}) < len(evidence):
        raise ValueError("each source speaks once")
    if any(it.probas.shape[0] != len(labels) for it in evidence):
        raise ValueError("evidence and labels must have one row per photo")
    pooled = pooled_evidence(evidence)
    best = pooled.argmax(axis=1)
    lead = pooled.max(axis=1, initial=0.0) - pooled[np.arange(len(labels)), labels]
    doubted = np.flatnonzero((labels >= 0) & (lead > _TIE))
    doubt = 1.0 - pooled[doubted, labels[doubted]]
    order = np.argsort(-doubt, kind="stable")[:at_most]
    doubted, doubt = doubted[order], doubt[order]
    # Logarithms of how much likelier each source holds the suggestion than the label.
    speaks = np.stack(
        [
            WEIGHTS[it.source]
            * (log_probas(it.probas[doubted, best[doubted]]) - log_probas(it.probas[doubted, labels[doubted]]))
            for it in evidence
        ]
    )
    sources = [it.source for it in evidence]
    looks = []
    for place, (row, value) in enumerate(zip(doubted, doubt, strict=True)):
        ranked = [i for i in np.argsort(-speaks[:, place], kind="stable") if speaks[i, place] > 0.0]
        against = tuple(sources[i] for i in ranked)
        looks.append(SecondLook(int(row), float(value), int(best[row]), against[0], against))
    return looks
