"""Photos whose best suggestion is expected to be furthest off.

For ordered stages the utility of a photo is the error, in stages, that its best suggestion is expected to make. It
splits exactly into one term per boundary between neighbouring stages, which also says what the doubt is about.
"""

from __future__ import annotations

from classifier.core.acquisition.boundary import boundary_mass
from classifier.core.acquisition.contract import ByUtility, Pool
from classifier.core.acquisition.margin import margin
from classifier.core.acquisition.reasons import doubts
from classifier.core.contracts import Array


def expected_stage_error(probas: Array) -> Array:
    """Expected absolute error, in stages, of the median of each distribution.

    E|Y - median| equals the sum of `boundary_mass` over the boundaries.

    Parameters
    ----------
    probas : ndarray of shape (n, K)

    Returns
    -------
    ndarray of shape (n,)
        0 when certain, at most (K-1)/2.
    """
    return boundary_mass(probas).sum(axis=1)


def utilities(probas: Array, *, is_ordered: bool) -> Array:
    """Utility of each photo, shape (n,): `expected_stage_error` over an order, `margin` without one."""
    return expected_stage_error(probas) if is_ordered else margin(probas)


def pool_utilities(pool: Pool) -> Array:
    """`utilities` of a pool."""
    return utilities(pool.needed("probas"), is_ordered=pool.is_ordered)


EXPECTED_ERROR = ByUtility("expected_error", ("probas",), pool_utilities, doubts)
