"""Pictures that are nearly the same, and what that says about their labels."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.vectors import normalise_rows
from classifier.core.contracts import Array

DEFAULT_SIMILARITY = 0.97
#: Agreeing pairs that `pair_trust` takes for seen beforehand, of ten.
_PRIOR_AGREEING, _PRIOR_PAIRS = 9.0, 10.0
_MOST_TRUST = 0.9
_BLOCK_ROWS = 1024


def near_duplicates(embeddings: Array, *, similarity: float = DEFAULT_SIMILARITY, at_most: int | None = None) -> Array:
    """Pairs of pictures with nearly the same embedding.

    Parameters
    ----------
    embeddings : ndarray of shape (n, d)
    similarity : float
        Least cosine.
    at_most : int, optional
        How many nearest ones of each picture are kept, so that a still camera's thousand frames do not make a million
        pairs; None for all.

    Returns
    -------
    ndarray of shape (m, 2), int
        Rows i < j, sorted. Memory is bounded by 1024 x n numbers and the pairs themselves.
    """
    vectors = normalise_rows(embeddings)
    if at_most is not None:
        return _nearest_pairs(vectors, similarity, at_most)
    found = []
    for start in range(0, len(vectors), _BLOCK_ROWS):
        block = vectors[start : start + _BLOCK_ROWS]
        first, second = np.nonzero(block @ vectors[start:].T >= similarity)
        pairs = np.column_stack([first, second])[second > first]
        found.append(pairs + start)
    return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)


def _nearest_pairs(vectors: Array, similarity: float, at_most: int) -> Array:
    found = []
    for start in range(0, len(vectors), _BLOCK_ROWS):
        cosines = vectors[start : start + _BLOCK_ROWS] @ vectors.T
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -np.inf
        count = min(at_most, cosines.shape[1] - 1)
        if count < 1:
            continue
        nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        first, place = np.nonzero(cosines[rows[:, None], nearest] >= similarity)
        found.append(np.sort(np.column_stack([start + first, nearest[first, place]]), axis=1))
    return np.unique(np.concatenate(found), axis=0) if found else np.zeros((0, 2), dtype=np.int64)


def pair_trust(pairs: Array, labels: Array) -> float:
    """How far the label of a near-duplicate may be trusted for the other, from how often the two agree.

    In a feature space that tells little apart "near" means little, and the pairs agree no more than any would; wrong
    labels lower the figure too, so it errs on the side of saying less.

    Parameters
    ----------
    pairs : ndarray of shape (m, 2), int
    labels : ndarray of shape (n,), int
        -1 where there is none.

    Returns
    -------
    float
        Above 0, at most 0.9.
    """
    known = pairs[(labels[pairs[:, 0]] >= 0) & (labels[pairs[:, 1]] >= 0)]
    agreeing = float((labels[known[:, 0]] == labels[known[:, 1]]).sum())
    return min(_MOST_TRUST, (agreeing + _PRIOR_AGREEING) / (len(known) + _PRIOR_PAIRS))


def conflicting_pairs(pairs: Array, labels: Array) -> Array:
    """Those of `pairs` (m, 2) whose two labels differ; rows without a label (-1) never do. Shape (c, 2)."""
    first, second = labels[pairs[:, 0]], labels[pairs[:, 1]]
    return pairs[(first != second) & (first >= 0) & (second >= 0)]


def duplicate_opinions(pairs: Array, labels: Array, n_stages: int, *, trust: float = 0.9) -> Array:
    """What the labels of its near-duplicates say of each picture.

    Parameters
    ----------
    pairs : ndarray of shape (m, 2), int
        As `near_duplicates` gives them.
    labels : ndarray of shape (n,), int
        -1 where there is none.
    n_stages : int
        K.
    trust : float
        Probability that a near-duplicate is of the stage that the label of the other says.

    Returns
    -------
    ndarray of shape (n, K)
        Distributions; even where a picture has no labelled near-duplicate.
    """
    labels = np.asarray(labels)
    votes = np.zeros((len(labels), n_stages))
    for one, other in ((0, 1), (1, 0)):
        known = pairs[labels[pairs[:, other]] >= 0]
        np.add.at(votes, (known[:, one], labels[known[:, other]]), 1.0)
    # A burst of ten shots is not ten opinions: the shares of the votes count, not their number.
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1.0)
    has_any = votes.sum(axis=1, keepdims=True) > 0
    return np.where(has_any, trust * shares + (1.0 - trust) / n_stages, 1.0 / n_stages)
