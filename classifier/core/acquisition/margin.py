"""Photos whose two likeliest stages are nearly as likely."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByUtility
from classifier.core.acquisition.reasons import doubts
from classifier.core.contracts import Array


def margin(probas: Array) -> Array:
    """One minus the gap between the two likeliest stages.

    Parameters
    ----------
    probas : ndarray of shape (n, K)

    Returns
    -------
    ndarray of shape (n,)
        Within 0..1; 1 when two stages share the top.

    References
    ----------
    .. [1] Scheffer et al., "Active Hidden Markov Models for Information Extraction", IDA 2001.
    """
    top = np.partition(np.asarray(probas, dtype=np.float64), -2, axis=1)
    return 1.0 - (top[:, -1] - top[:, -2])


MARGIN = ByUtility("margin", ("probas",), lambda pool: margin(pool.needed("probas")), doubts)
