"""Photos that may as well lie on either side of a boundary between neighbouring stages."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByUtility, Pool, Why
from classifier.core.contracts import Array


def boundary_mass(probas: Array) -> Array:
    """Doubt about each boundary between neighbouring stages.

    Parameters
    ----------
    probas : ndarray of shape (n, K)

    Returns
    -------
    ndarray of shape (n, K-1)
        min(F, 1-F) of the cumulative probability F at each boundary: 0.5 where the photo may as well lie on
        either side. Column b is the boundary between positions b and b+1.
    """
    cumulative = np.cumsum(np.asarray(probas, dtype=np.float64), axis=1)[:, :-1]
    return np.clip(np.minimum(cumulative, 1.0 - cumulative), 0.0, None)


def _explain(pool: Pool, rows: Array) -> list[Why]:
    mass = boundary_mass(pool.needed("probas")[rows])
    return [Why("boundary", int(row.argmax()), {"mass": float(row.max())}) for row in mass]


#: Doubt about the one boundary each photo is nearest to; only for ordered stages.
BOUNDARY = ByUtility("boundary", ("probas",), lambda pool: boundary_mass(pool.needed("probas")).max(axis=1), _explain)
