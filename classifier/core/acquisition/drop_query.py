"""Photos whose suggestion changes when parts of their embedding are hidden."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from classifier.core.acquisition.contract import ByBatch, Missing, Pool
from classifier.core.acquisition.ration import Ration, rationed
from classifier.core.acquisition.reasons import doubts
from classifier.core.acquisition.vectors import clustered, normalise_rows, squared_distances
from classifier.core.contracts import Array

RATE = 0.75
DRAWS = 3
#: A photo is shaky when more than this share of the draws names another stage.
SHAKY = 0.5
_BLOCK_ROWS = 16_384


def dropout_disagreement(
    predict_proba: Callable[[Array], Array],
    embeddings: Array,
    *,
    rate: float = RATE,
    draws: int = DRAWS,
    random_state: int = 0,
) -> Array:
    """Share of draws in which another stage is named when numbers of the embedding are set to zero.

    Parameters
    ----------
    predict_proba : callable
        (m, d) -> (m, K).
    embeddings : ndarray of shape (n, d)
    rate : float
        Share of the numbers hidden.
    draws : int
    random_state : int

    Returns
    -------
    ndarray of shape (n,)
        0..1.
    """
    rng = np.random.default_rng(random_state)
    share = np.empty(len(embeddings))
    for start in range(0, len(embeddings), _BLOCK_ROWS):
        block = np.asarray(embeddings[start : start + _BLOCK_ROWS], dtype=np.float32)
        whole = predict_proba(block).argmax(axis=1)
        differs = np.zeros(len(block))
        for _ in range(draws):
            kept = rng.random(block.shape, dtype=np.float32) >= rate
            differs += predict_proba(block * kept).argmax(axis=1) != whole
        share[start : start + _BLOCK_ROWS] = differs / draws
    return share


def _pick(pool: Pool, batch_size: int, random_state: int) -> tuple[Array, Array]:
    """The shakiest photos, one near each of `batch_size` centres.

    References
    ----------
    .. [1] Gupte et al., "Revisiting Active Learning in the Era of Vision Foundation Models", TMLR 2024.
    """
    if pool.predict_proba is None:
        raise Missing("the pool has no predict_proba")
    rows = np.flatnonzero(pool.candidates)
    share = dropout_disagreement(pool.predict_proba, pool.embeddings[rows], random_state=random_state)
    shuffled = np.random.default_rng(random_state).permutation(len(rows))
    ranked = shuffled[np.argsort(-share[shuffled], kind="stable")]
    ranked = rationed(ranked, np.arange(len(rows)), pool.burst_codes()[rows], len(rows))
    shaky = ranked[: max(int((share[ranked] > SHAKY).sum()), batch_size)]
    vectors = normalise_rows(pool.embeddings[rows[shaky]])
    centres = clustered(vectors, min(batch_size, len(vectors)), random_state).cluster_centers_
    ration = Ration(pool.group_codes()[rows[shaky]], pool.burst_codes()[rows[shaky]])
    chosen: list[int] = []
    for centre in centres:
        is_open = ration.open_rows()
        if not is_open.any():
            break
        nearest = int(np.argmin(np.where(is_open, squared_distances(vectors, centre[None])[:, 0], np.inf)))
        chosen.append(nearest)
        ration.take(nearest)
    places = shaky[np.array(chosen, dtype=np.int64)]
    return rows[places], share[places]


DROP_QUERY = ByBatch("drop_query", ("probas", "predict_proba"), _pick, doubts)
