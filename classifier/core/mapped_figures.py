"""A model's figures on coarser classes, by its predictions mapped; NumPy only, so that web processes may use it.

Merging classes raises accuracy by arithmetic. So a coarser scale is judged by the predictions of the finer model,
mapped, and by the bits they still tell.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from classifier.core.contracts import Array

Partition = tuple[tuple[int, ...], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """What a proposal would do to the figures, by mapped predictions; nothing for a guideline or more data.

    Parameters
    ----------
    accuracy_before, accuracy_after : float
        Of the present model, its predictions mapped.
    bits_before, bits_after : float
        What its predictions tell of the stage.
    possible_bits_before, possible_bits_after : float
        What faultless predictions would tell.
    """

    accuracy_before: float
    accuracy_after: float
    bits_before: float
    bits_after: float
    possible_bits_before: float
    possible_bits_after: float


def figures_mapped(confusion: Array, parts: Partition) -> Effect:
    """What a model says on its own classes and, by the same predictions mapped, on coarser ones.

    Parameters
    ----------
    confusion : ndarray of shape (K, K)
        Truth in rows.
    parts : tuple of tuples of int
        A partition of the classes.
    """
    confusion = np.asarray(confusion, dtype=np.float64)
    after = mapped_confusion(confusion, parts)
    total = max(confusion.sum(), 1.0)
    return Effect(
        float(np.trace(confusion) / total),
        float(np.trace(after) / total),
        information(confusion),
        information(after),
        information(np.diag(confusion.sum(axis=1))),
        information(np.diag(after.sum(axis=1))),
    )


def mapped_confusion(confusion: Array, parts: Partition) -> Array:
    """Confusion (P, P) of the merged classes when the predictions are mapped.

    Raises
    ------
    ValueError
        `parts` is no partition of the classes.
    """
    k = len(confusion)
    if sorted(stage for part in parts for stage in part) != list(range(k)):
        raise ValueError(f"{parts} is no partition of {k} classes")
    mapping = np.zeros((k, len(parts)))
    for place, part in enumerate(parts):
        mapping[list(part), place] = 1.0
    return mapping.T @ confusion @ mapping


def information(confusion: Array) -> float:
    """Mutual information of truth and prediction in bits."""
    joint = np.asarray(confusion, dtype=np.float64)
    total = joint.sum()
    if total <= 0:
        return 0.0
    joint = joint / total
    expected = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    seen = joint > 0
    return float(max((joint[seen] * np.log2(joint[seen] / expected[seen])).sum(), 0.0))
