"""Where stages are taken for one another: by the model, and by experts who saw the same photo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from classifier.core.contracts import Array
from classifier.core.evaluation_report.resampling import GroupResamples

MOST_PAIRS = 10


def boundary_rows(
    truth: Array,
    predicted: Array,
    n_stages: int,
    resamples: GroupResamples,
    expert_pairs: Array,
    *,
    is_ordered: bool,
) -> list[dict[str, Any]]:
    """Tell for pairs of stages how often one is taken for the other.

    Parameters
    ----------
    truth, predicted : ndarray of shape (n,), int
    n_stages : int
        K.
    resamples : GroupResamples
    expert_pairs : ndarray of shape (m, 2), int
        What two experts called the same photo; each two experts of a photo once.
    is_ordered : bool
        Neighbours only, in order; else the `MOST_PAIRS` pairs confused most.

    Returns
    -------
    list of dict
        ``lower`` and ``upper`` stage, ``n`` photos of either, ``taken_for_upper`` and ``taken_for_lower``, the share
        ``confused`` of all of them (None without photos), and of ``expert_pairs`` that named these two stages only, the
        share ``experts_differ`` (None without).
    """
    rows = []
    for lower, upper in _pairs(truth, predicted, n_stages, is_ordered=is_ordered):
        is_either = (truth == lower) | (truth == upper)
        up, down = (truth == lower) & (predicted == upper), (truth == upper) & (predicted == lower)
        named = np.isin(expert_pairs, (lower, upper)).all(axis=1) if len(expert_pairs) else np.zeros(0, bool)
        differ = expert_pairs[named, 0] != expert_pairs[named, 1] if named.any() else np.zeros(0, bool)
        rows.append(
            {
                "lower": lower,
                "upper": upper,
                "n": int(is_either.sum()),
                "taken_for_upper": int(up.sum()),
                "taken_for_lower": int(down.sum()),
                "confused": resamples.mean(up | down, is_either),
                "expert_pairs": len(differ),
                "experts_differ": float(differ.mean()) if len(differ) else None,
            }
        )
    return rows


def _pairs(truth: Array, predicted: Array, n_stages: int, *, is_ordered: bool) -> Sequence[tuple[int, int]]:
    if is_ordered:
        return [(b, b + 1) for b in range(n_stages - 1)]
    confusion = np.zeros((n_stages, n_stages), dtype=np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    both = confusion + confusion.T
    pairs = [(i, j) for i in range(n_stages) for j in range(i + 1, n_stages) if both[i, j]]
    return sorted(pairs, key=lambda pair: (-both[pair], pair))[:MOST_PAIRS]
