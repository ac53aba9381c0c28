"""Photos that contradict the other photos of their plant."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByUtility, Pool, Why
from classifier.core.contracts import Array
from classifier.core.ordinal import median_stage
from classifier.core.timelines import smooth_plants


def timeline_violation(pool: Pool) -> Array:
    """Chance that each photo is a stray among its plant's, shape (n,), 0..1; see ``timelines.smooth_plants``.

    0 where the plant is not known: nothing contradicts such a photo.
    """
    plants = pool.needed("plants")
    rows = np.flatnonzero(plants != "")
    stray = np.zeros(len(pool))
    stray[rows] = smooth_plants(pool.needed("probas")[rows], pool.needed("days")[rows], plants[rows]).stray
    return stray


def _explain(pool: Pool, rows: Array) -> list[Why]:
    """Facts: ``seen`` position of the photo alone, ``expected`` of the plant's other photos, ``stray`` the chance."""
    plants = pool.needed("plants")
    # A row without a plant is its own only mate.
    mates = np.union1d(rows, np.flatnonzero(np.isin(plants, plants[rows]) & (plants != ""))).astype(np.int64)
    probas = pool.needed("probas")
    timeline = smooth_plants(probas[mates], pool.needed("days")[mates], plants[mates])
    places = np.searchsorted(mates, rows)
    seen, expected = median_stage(probas[rows]), median_stage(timeline.others[places])
    return [
        Why("timeline", None, {"seen": float(s), "expected": float(e), "stray": float(stray)})
        for s, e, stray in zip(seen, expected, timeline.stray[places], strict=True)
    ]


#: Only for ordered stages.
TIMELINE_VIOLATION = ByUtility("timeline_violation", ("probas", "days", "plants"), timeline_violation, _explain)
