"""What to ask the experts next.

For ordered stages the utility of a photo is the error, in stages, that its best suggestion is expected to make. It
splits exactly into one term per boundary between neighbouring stages, which also says what the doubt is about.
"""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans

from classifier.core.contracts import Array

_MOST_CLUSTERS = 500
_NEIGHBOURS = 20
_CANDIDATES_PER_PICK = 40
_FEWEST_CANDIDATES = 2000


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


def margin(probas: Array) -> Array:
    """One minus the gap between the two likeliest stages, shape (n,), within 0..1.

    References
    ----------
    .. [1] Scheffer et al., "Active Hidden Markov Models for Information Extraction", IDA 2001.
    """
    top = np.partition(np.asarray(probas, dtype=np.float64), -2, axis=1)
    return 1.0 - (top[:, -1] - top[:, -2])


def entropy(probas: Array) -> Array:
    """Shannon entropy over log K, shape (n,), within 0..1."""
    probas = np.clip(np.asarray(probas, dtype=np.float64), 1e-12, None)
    return -(probas * np.log(probas)).sum(axis=1) / np.log(probas.shape[1])


def utilities(probas: Array, *, is_ordered: bool) -> Array:
    """Utility of each photo, shape (n,): `expected_stage_error` over an order, `margin` without one."""
    return expected_stage_error(probas) if is_ordered else margin(probas)


def normalise_rows(embeddings: Array) -> Array:
    """Scale vectors (n, d) to unit length, float32; zero vectors stay zero."""
    vectors = np.asarray(embeddings, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)


def diverse_batch(
    utilities: Array,
    embeddings: Array,
    groups: Array,
    batch_size: int,
    random_state: int = 0,
) -> Array:
    """Pick photos that are worth asking about and unlike each other.

    Greedy: the next pick maximises utility times its distance to the nearest pick so far. A group gives one photo
    until every group among the candidates has given one.

    Parameters
    ----------
    utilities : ndarray of shape (n,)
        Non-negative.
    embeddings : ndarray of shape (n, d)
    groups : ndarray of shape (n,)
    batch_size : int
    random_state : int
        Breaks ties between equal utilities.

    Returns
    -------
    ndarray of shape (min(batch_size, n),), int
        Row indices, best first.

    References
    ----------
    .. [1] Ash et al., "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds", ICLR 2020.
    """
    n = len(utilities)
    batch_size = min(batch_size, n)
    if batch_size <= 0:
        return np.zeros(0, dtype=np.int64)
    shuffled = np.random.default_rng(random_state).permutation(n)
    best = shuffled[np.argsort(-np.asarray(utilities)[shuffled], kind="stable")]
    candidates = best[: max(_FEWEST_CANDIDATES, _CANDIDATES_PER_PICK * batch_size)]
    vectors = normalise_rows(embeddings[candidates])
    worth = np.asarray(utilities, dtype=np.float64)[candidates] + 1e-9
    _, group_of = np.unique(np.asarray(groups)[candidates].astype(str), return_inverse=True)

    distance = np.full(len(candidates), 2.0)
    is_free = np.ones(len(candidates), dtype=bool)
    group_free = np.ones(int(group_of.max()) + 1, dtype=bool)
    picks = np.empty(batch_size, dtype=np.int64)
    for turn in range(batch_size):
        open_rows = is_free & group_free[group_of]
        if not open_rows.any():
            group_free[:] = True
            open_rows = is_free
        pick = int(np.argmax(np.where(open_rows, worth * distance, -1.0)))
        picks[turn] = candidates[pick]
        is_free[pick] = False
        group_free[group_of[pick]] = False
        # Squared chord of unit vectors, floored: twins of a pick stay possible but come last.
        distance = np.minimum(distance, np.maximum(2.0 - 2.0 * (vectors @ vectors[pick]), 1e-6))
    return picks


def typical_first(
    embeddings: Array,
    n: int,
    *,
    labelled: Array | None = None,
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
    vectors = normalise_rows(embeddings)
    n_clusters = min(int(labelled.sum()) + n, _MOST_CLUSTERS, m)
    kind = MiniBatchKMeans if m > 5000 else KMeans
    clusters = kind(n_clusters, n_init=1, random_state=random_state).fit_predict(vectors)
    n_clusters = int(clusters.max()) + 1
    covered = np.bincount(clusters[labelled], minlength=n_clusters)
    sizes = np.bincount(clusters, minlength=n_clusters)
    queues = [_by_typicality(vectors, np.flatnonzero(clusters == c), labelled) for c in range(n_clusters)]

    picks: list[int] = []
    while len(picks) < n:
        # Least covered first, then largest: one photo a region a round.
        for c in sorted(range(n_clusters), key=lambda c: (covered[c], -sizes[c])):
            if queues[c] and len(picks) < n:
                picks.append(queues[c].pop(0))
                covered[c] += 1
    return np.array(picks, dtype=np.int64)


def _by_typicality(vectors: Array, rows: Array, labelled: Array) -> list[int]:
    """Unlabelled rows of one cluster, closest to their neighbours first."""
    if len(rows) <= 1:
        return [int(row) for row in rows if not labelled[row]]
    members = vectors[rows]
    k = min(_NEIGHBOURS, len(rows) - 1)
    # A cluster rarely exceeds a few thousand rows; chunks bound the memory when it does.
    mean_distance = np.empty(len(rows))
    for start in range(0, len(rows), 1024):
        squared = np.clip(2.0 - 2.0 * members[start : start + 1024] @ members.T, 0.0, None)
        nearest = np.partition(squared, k, axis=1)[:, : k + 1]
        mean_distance[start : start + 1024] = np.sqrt(nearest).sum(axis=1) / k
    return [int(row) for row in rows[np.argsort(mean_distance, kind="stable")] if not labelled[row]]
