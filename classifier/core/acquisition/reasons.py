"""Reasons that several acquisition functions give."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import Pool, Why
from classifier.core.acquisition.vectors import nearest_squared, normalise_rows
from classifier.core.contracts import Array

#: A photo is about one boundary when that boundary carries this share of its expected error.
BOUNDARY_SHARE = 0.6


def doubts(pool: Pool, rows: Array) -> list[Why]:
    """Say what the model is torn between.

    The facts are ``first`` and ``second``, positions of the two likeliest stages, and ``confidence``.
    """
    probas = np.asarray(pool.needed("probas")[rows], dtype=np.float64)
    if not len(probas):
        return []
    order = np.argsort(-probas, axis=1, kind="stable")
    cumulative = np.cumsum(probas, axis=1)[:, :-1]
    mass = np.minimum(cumulative, 1.0 - cumulative)
    reasons = []
    for row, (first, second), doubt in zip(probas, order[:, :2], mass, strict=True):
        facts = {"first": float(first), "second": float(second), "confidence": float(row[first])}
        boundary = int(doubt.argmax())
        is_boundary = pool.is_ordered and doubt[boundary] > 0 and doubt[boundary] >= BOUNDARY_SHARE * doubt.sum()
        reasons.append(Why("boundary", boundary, facts) if is_boundary else Why("uncertain", None, facts))
    return reasons


def novelties(pool: Pool, rows: Array) -> list[Why]:
    """Say how unlike anything labelled photos are.

    The fact ``similarity`` is the cosine with the most similar labelled photo; there is none without labels.
    """
    if not len(rows):
        return []
    labelled = np.flatnonzero(pool.labelled)
    if not len(labelled):
        return [Why("diverse") for _ in rows]
    vectors, known = normalise_rows(pool.embeddings[rows]), normalise_rows(pool.embeddings[labelled])
    similarity = 1.0 - nearest_squared(vectors, known) / 2.0
    return [Why("diverse", None, {"similarity": float(value)}) for value in similarity]
