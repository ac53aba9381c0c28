"""What experts who disagree with a label say against it."""

from __future__ import annotations

import numpy as np

from classifier.core.contracts import Array
from classifier.core.pooling import softmax


def dissent_opinions(rows: Array, said: Array, agreed: Array, *, n_photos: int) -> Array:
    """Distributions from the answers that differ from their photo's label.

    Each such answer counts by how much likelier every stage makes it than the label itself would have been as an
    answer of the same person. So the word of an expert who seldom errs speaks louder than one who often does, and where
    all agree nothing is said: that a label was given is no evidence that it is right.

    Parameters
    ----------
    rows : ndarray of shape (m,), int
        Photo of each dissenting answer.
    said : ndarray of shape (m, K)
        log P(what was said | stage) of its author.
    agreed : ndarray of shape (m, K)
        log P(the label | stage) of its author.
    n_photos : int
        n.

    Returns
    -------
    ndarray of shape (n, K)
        Even where nobody dissents.
    """
    said, agreed = np.asarray(said, np.float64), np.asarray(agreed, np.float64)
    if said.ndim != 2 or said.shape != agreed.shape or len(rows) != len(said):
        raise ValueError("rows, said and agreed must have one row per answer")
    total = np.zeros((n_photos, said.shape[1]))
    np.add.at(total, np.asarray(rows, np.int64), said - agreed)
    return softmax(total)
