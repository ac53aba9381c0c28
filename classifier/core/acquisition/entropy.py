"""Photos whose distribution over the stages is widest."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByUtility
from classifier.core.acquisition.reasons import doubts
from classifier.core.contracts import Array

_TINY = 1e-12


def shannon(probas: Array) -> Array:
    """Entropy in nats of distributions (..., K), shape (...)."""
    probas = np.clip(np.asarray(probas, dtype=np.float64), _TINY, None)
    return -(probas * np.log(probas)).sum(axis=-1)


def entropy(probas: Array) -> Array:
    """Shannon entropy over log K.

    Parameters
    ----------
    probas : ndarray of shape (n, K)

    Returns
    -------
    ndarray of shape (n,)
        Within 0..1.

    References
    ----------
    .. [1] Shannon, "A Mathematical Theory of Communication", Bell System Technical Journal 27, 1948.
    """
    return shannon(probas) / np.log(np.shape(probas)[1])


ENTROPY = ByUtility("entropy", ("probas",), lambda pool: entropy(pool.needed("probas")), doubts)
