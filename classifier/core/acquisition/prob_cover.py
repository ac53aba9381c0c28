"""Photos in whose neighbourhood most of the pool lies."""

from __future__ import annotations

import numpy as np

from classifier.core.acquisition.contract import ByBatch, Pool
from classifier.core.acquisition.ration import Ration
from classifier.core.acquisition.reasons import novelties
from classifier.core.acquisition.vectors import clustered, distance_blocks, normalise_rows
from classifier.core.contracts import Array

#: Photos whose covering is counted. The share covered of a sample this large errs by about one percent.
_MOST_TARGETS = 4096
_MOST_CANDIDATES = 200_000
_MOST_ANCHORS = 2048
PURITY = 0.95
DEFAULT_REGIONS = 7


def choose_radius(vectors: Array, n_regions: int, *, purity: float = PURITY, random_state: int = 0) -> float:
    """Choose the largest radius at which most balls hold one kind of photo.

    Kinds are k-means clusters. A ball is pure when it is smaller than the distance from its centre to the nearest
    photo of another cluster, so the radius is a quantile of these distances and needs no search.

    Parameters
    ----------
    vectors : ndarray of shape (n, d)
    n_regions : int
        Kinds of photos; the number of stages.
    purity : float
        Share of balls that must be pure.
    random_state : int

    Returns
    -------
    float
        Never below the median distance to the nearest neighbour: a ball that holds its centre alone covers nothing.
    """
    rng = np.random.default_rng(random_state)
    n = len(vectors)
    if n <= max(n_regions, 1):
        return 0.0
    rows = np.sort(rng.choice(n, min(n, _MOST_TARGETS), replace=False))
    sample = vectors[rows]
    kinds = clustered(sample, max(min(n_regions, len(sample) - 1), 1), random_state).labels_
    anchors = np.sort(rng.choice(len(sample), min(len(sample), _MOST_ANCHORS), replace=False))
    to_other, to_any = np.empty(len(anchors)), np.empty(len(anchors))
    for block, squared in distance_blocks(sample[anchors], sample):
        squared[np.arange(len(squared)), anchors[block]] = np.inf
        to_any[block] = np.sqrt(squared.min(axis=1))
        squared[kinds[anchors[block]][:, None] == kinds[None, :]] = np.inf
        to_other[block] = np.sqrt(squared.min(axis=1))
    apart = to_other[np.isfinite(to_other)]
    radius = float(np.quantile(apart, 1.0 - purity)) if len(apart) else 0.0
    return max(radius, float(np.median(to_any)))


def prob_cover(
    embeddings: Array,
    labelled: Array,
    batch_size: int,
    *,
    n_regions: int = DEFAULT_REGIONS,
    radius: float | None = None,
    groups: Array | None = None,
    bursts: Array | None = None,
    random_state: int = 0,
) -> tuple[Array, Array]:
    """Pick the photo whose ball covers most of what is not covered, again and again.

    Covering is counted on a sample of the pool and kept in bits, so memory is n x 512 B at most.

    Parameters
    ----------
    embeddings : ndarray of shape (n, d)
        Of the candidates; scaled to unit length.
    labelled : ndarray of shape (m, d)
        Their balls are covered from the start.
    batch_size : int
    n_regions : int
        For `choose_radius`.
    radius : float, optional
        Chord length; None: by `choose_radius`.
    groups, bursts : ndarray of shape (n,), int, optional
        As in ``ration``; None: every row its own.
    random_state : int

    Returns
    -------
    rows : ndarray of shape (min(batch_size, n),), int
    gains : ndarray of the same shape
        Share of the pool that each newly covers.

    References
    ----------
    .. [1] Yehuda et al., "Active Learning Through a Covering Lens", NeurIPS 2022.
    """
    n = len(embeddings)
    if n == 0 or batch_size <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    rng = np.random.default_rng(random_state)
    # In random order: once all is covered, and between equal gains, the first one wins.
    some = rng.permutation(n)[: max(_MOST_CANDIDATES, batch_size)]
    vectors = normalise_rows(embeddings[some])
    known = normalise_rows(np.asarray(labelled).reshape(-1, vectors.shape[1]))
    if radius is None:
        radius = choose_radius(np.concatenate([vectors, known]), n_regions, random_state=random_state)
    targets = vectors[np.sort(rng.permutation(len(some))[:_MOST_TARGETS])]
    reached = _reached(vectors, targets, radius)
    is_open_target = ~_covered(known, targets, radius)
    own = np.arange(len(some))
    ration = Ration(own if groups is None else groups[some], own if bursts is None else bursts[some])
    rows, gains = _greedy(reached, is_open_target, ration, batch_size)
    return some[rows], gains


def _reached(vectors: Array, targets: Array, radius: float) -> Array:
    """Which targets lie within each ball, bits packed along the targets: shape (n, ceil(T / 8)), uint8."""
    packed = np.empty((len(vectors), -(-len(targets) // 8)), dtype=np.uint8)
    for block, squared in distance_blocks(vectors, targets):
        packed[block] = np.packbits(squared <= radius * radius, axis=1)
    return packed


def _covered(known: Array, targets: Array, radius: float) -> Array:
    covered = np.zeros(len(targets), dtype=bool)
    if len(known):
        for block, squared in distance_blocks(targets, known):
            covered[block] = squared.min(axis=1) <= radius * radius
    return covered


def _greedy(reached: Array, is_open_target: Array, ration: Ration, batch_size: int) -> tuple[Array, Array]:
    n_targets = len(is_open_target)
    uncovered = np.packbits(is_open_target)
    gains = _counts(reached, uncovered)
    rows: list[int] = []
    worth: list[float] = []
    while len(rows) < min(batch_size, len(reached)):
        is_open = ration.open_rows()
        if not is_open.any():
            break
        # A gain never grows, so an old one is a bound: recount the best until it stays the best.
        row = int(np.argmax(np.where(is_open, gains, -1)))
        gain = int(np.bitwise_count(reached[row] & uncovered).sum())
        if gain < gains[row]:
            gains[row] = gain
            continue
        rows.append(row)
        worth.append(gain / n_targets)
        ration.take(row)
        uncovered &= ~reached[row]
    return np.array(rows, dtype=np.int64), np.array(worth)


def _counts(reached: Array, uncovered: Array) -> Array:
    counts = np.empty(len(reached), dtype=np.int64)
    for start in range(0, len(reached), 4096):
        counts[start : start + 4096] = np.bitwise_count(reached[start : start + 4096] & uncovered).sum(
            axis=1, dtype=np.int64
        )
    return counts


def _pick(pool: Pool, batch_size: int, random_state: int) -> tuple[Array, Array]:
    rows = np.flatnonzero(pool.candidates)
    chosen, gains = prob_cover(
        pool.embeddings[rows],
        pool.embeddings[pool.labelled],
        batch_size,
        n_regions=DEFAULT_REGIONS if pool.probas is None else pool.probas.shape[1],
        groups=pool.group_codes()[rows],
        bursts=pool.burst_codes()[rows],
        random_state=random_state,
    )
    return rows[chosen], gains


PROB_COVER = ByBatch("prob_cover", (), _pick, novelties)
