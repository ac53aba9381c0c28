"""How much time experts worked, told from the moments of their decisions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

PAUSE_S = 120.0
"""Without a decision for longer than this somebody was away; the lead time then says what it took to decide."""

Seconds = npt.NDArray[np.float64]


def worked_seconds(person: npt.NDArray[np.int64], at: Seconds, lead: Seconds) -> Seconds:
    """Seconds of work behind each decision.

    A decision took the time since the same person's last one: looking things up and waiting for a photo are work, and
    a lot of the grid, whose decisions share a moment, is paid for once. After a pause, and for the first decision, it
    took as long as the photo was on the screen, at most ``PAUSE_S``; nothing where that is not known. So nobody ever
    works longer than from their first decision to their last, and ``PAUSE_S``.

    Args:
        person: (n,) who decided.
        at: (n,) when, in seconds; in any order.
        lead: (n,) seconds that the photo was on the screen; NaN where nobody measured.

    Returns:
        (n,) in the order given.

    Raises:
        ValueError: the arrays differ in length.
    """
    if not len(person) == len(at) == len(lead):
        raise ValueError("person, at and lead must have one entry per decision")
    order = np.lexsort((at, person))
    who, when, shown = person[order], at[order], lead[order]
    gap = np.full(len(order), np.inf)
    same = who[1:] == who[:-1]
    gap[1:][same] = np.diff(when)[same]
    alone = np.minimum(np.where(np.isnan(shown), 0.0, np.maximum(shown, 0.0)), PAUSE_S)
    worked = np.empty(len(order))
    worked[order] = np.where(gap <= PAUSE_S, gap, np.minimum(alone, gap))
    return worked
