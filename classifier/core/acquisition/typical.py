"""The most typical photo of each region that is not covered yet."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByBatch, Pool
from classifier.core.acquisition.ration import Ration, encoded
from classifier.core.acquisition.reasons import novelties
from classifier.core.acquisition.vectors import clustered, distance_blocks, normalise_rows
from classifier.core.contracts import Array

_MOST_CLUSTERS = 500
_NEIGHBOURS = 20
#: Rows looked at: what is typical of a sample this large is typical of the pool.
_MOST_ROWS = 50_000


def typical_first(
    embeddings: Array,
    n: int,
    *,
    labelled: Array | None = None,
    groups: Array | None = None,
    bursts: Array | None = None,
    random_state: int = 0,
) -> Array:
    """Order the first questions, before any model: the most typical photo of each region of the space.

    Parameters
    ----------
    embeddings : ndarray of shape (m, d)
    n : int
        Photos wanted.
    labelled : ndarray of shape (m,), bool, optional
        Photos already decided: they are never picked, and the regions they cover come last.
    groups, bursts : ndarray of shape (m,), optional
        As in ``ration``; None: every row its own.
    random_state : int

    Returns
    -------
    ndarray of shape (min(n, unlabelled),), int
        Row indices; largest uncovered region first.

    References
    ----------
    .. [1] Hacohen, Dekel and Weinshall, "Active Learning on a Budget", ICML 2022 (TypiClust).
    """
    m = len(embeddings)
    labelled = np.zeros(m, dtype=bool) if labelled is None else np.asarray(labelled, dtype=bool)
    n = min(n, int((~labelled).sum()))
    if n <= 0:
        return np.zeros(0, dtype=np.int64)
    sample = _sampled(labelled, max(n, _MOST_ROWS), random_state)
    labelled = labelled[sample]
    vectors = normalise_rows(embeddings[sample])
    n_clusters = min(int(labelled.sum()) + n, _MOST_CLUSTERS, len(vectors))
    clusters = clustered(vectors, n_clusters, random_state).labels_
    n_clusters = int(clusters.max()) + 1
    covered = np.bincount(clusters[labelled], minlength=n_clusters)
    sizes = np.bincount(clusters, minlength=n_clusters)
    members = np.split(np.argsort(clusters, kind="stable"), np.cumsum(sizes)[:-1])
    queues = [_by_typicality(vectors, rows, labelled) for rows in members]
    ration = Ration(
        encoded(None if groups is None else np.asarray(groups)[sample], len(sample)),
        encoded(None if bursts is None else np.asarray(bursts)[sample], len(sample)),
        ~labelled,
    )
    return sample[_one_a_region(queues, covered, sizes, ration, n)]


def _sampled(labelled: Array, most: int, random_state: int) -> Array:
    """All rows, or `most` of them by chance, in order; labelled rows among them in their proportion."""
    if len(labelled) <= most:
        return np.arange(len(labelled))
    rows = np.sort(np.random.default_rng(random_state).choice(len(labelled), most, replace=False))
    # A sample without a single open row would have nothing to offer.
    return rows if not labelled[rows].all() else np.append(rows, np.flatnonzero(~labelled)[:1])


def _one_a_region(queues: list[list[int]], covered: Array, sizes: Array, ration: Ration, n: int) -> Array:
    """Least covered regions first, then largest; one photo a region a round."""
    picks: list[int] = []
    covered = covered.copy()
    while len(picks) < n:
        before = len(picks)
        for region in np.lexsort((-sizes, covered)):
            if len(picks) == n:
                break
            row = _next_open(queues[region], ration)
            if row is not None:
                picks.append(row)
                ration.take(row)
                covered[region] += 1
        if len(picks) == before:
            break
    return np.array(picks, dtype=np.int64)


def _next_open(queue: list[int], ration: Ration) -> int | None:
    """Take the first row of a region that may be taken now."""
    if not queue:
        return None
    is_open = ration.open_rows()
    for place, row in enumerate(queue):
        if is_open[row]:
            return queue.pop(place)
    return None


def _by_typicality(vectors: Array, rows: Array, labelled: Array) -> list[int]:
    """Unlabelled rows of one cluster, closest to their neighbours first."""
    if len(rows) <= 1:
        return [int(row) for row in rows if not labelled[row]]
    members = vectors[rows]
    k = min(_NEIGHBOURS, len(rows) - 1)
    mean_distance = np.empty(len(rows))
    for block, squared in distance_blocks(members, members):
        nearest = np.partition(squared, k, axis=1)[:, : k + 1]
        mean_distance[block] = np.sqrt(nearest).sum(axis=1) / k
    return [int(row) for row in rows[np.argsort(mean_distance, kind="stable")] if not labelled[row]]


def _pick(pool: Pool, batch_size: int, random_state: int) -> tuple[Array, Array]:
    labelled = pool.labelled
    rows = np.flatnonzero(pool.candidates | labelled)
    chosen = typical_first(
        pool.embeddings[rows],
        batch_size,
        labelled=labelled[rows],
        groups=pool.group_codes()[rows],
        bursts=pool.burst_codes()[rows],
        random_state=random_state,
    )
    # Only the order has a meaning; the first is worth 1.
    return rows[chosen], 1.0 - np.arange(len(chosen)) / max(len(chosen), 1)


TYPICAL = ByBatch("typical", (), _pick, novelties)
