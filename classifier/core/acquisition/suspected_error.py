"""Labelled photos whose label is probably wrong: worth a second look."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByUtility, Pool, Why
from classifier.core.contracts import Array
from classifier.core.label_quality import self_confidence


def suspected_error(pool: Pool) -> Array:
    """One minus the probability of the given label, shape (n,); 0 where there is no label.

    `Pool.probas` must be out of fold: a model that was fitted on a label believes it.

    References
    ----------
    .. [1] Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70, 2021.
    """
    labels = pool.needed("labels")
    rows = np.flatnonzero(labels >= 0)
    worth = np.zeros(len(pool))
    worth[rows] = 1.0 - self_confidence(pool.needed("probas")[rows], labels[rows])
    return worth


def _labelled(pool: Pool) -> Array:
    barred = np.zeros(len(pool), dtype=bool) if pool.is_barred is None else np.asarray(pool.is_barred, dtype=bool)
    return pool.labelled & (pool.needed("labels") >= 0) & ~barred


def _explain(pool: Pool, rows: Array) -> list[Why]:
    """Facts: ``label`` and ``suggested`` positions, ``confidence`` in the suggestion."""
    probas, labels = pool.needed("probas")[rows], pool.needed("labels")[rows]
    return [
        Why("relabel", None, {"label": float(label), "suggested": float(row.argmax()), "confidence": float(row.max())})
        for row, label in zip(probas, labels, strict=True)
    ]


SUSPECTED_ERROR = ByUtility("suspected_error", ("probas", "labels"), suspected_error, _explain, _labelled)
