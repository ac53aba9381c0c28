"""A map of vectors: t-SNE of landmarks, everything else placed among them, laid over the last map.

t-SNE of a million vectors takes an hour on two cores; of ten thousand, a quarter of a minute. So at most ``LANDMARKS``
vectors are embedded, and each of the others goes where its nearest landmarks are. A map that follows another one begins
where that one ended, so what has not changed stays in place.

References:
    van der Maaten, L. and Hinton, G. 2008. Visualizing data using t-SNE.
    Linderman, G. et al. 2019. Fast interpolation-based t-SNE for improved visualization of single-cell RNA-seq data.
    Poličar, P., Stražar, M. and Zupan, B. 2024. openTSNE: a modular Python library for t-SNE dimensionality reduction
        and embedding.
    Kobak, D. and Berens, P. 2019. The art of using t-SNE for single-cell transcriptomics.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from openTSNE import TSNEEmbedding, affinity, initialization
from openTSNE.nearest_neighbors import PrecomputedNeighbors
from sklearn.decomposition import PCA

from classifier.core.projection.alignment import aligned_to
from classifier.core.projection.neighbours import Vectors, nearest

LANDMARKS = 10_000
DIMENSIONS = 50
"""Principal components that distances are taken in: enough to keep neighbours, few enough to be fast."""
PERPLEXITY = 30.0
PLACED_AMONG = 5
"""Landmarks that say where another vector goes."""
WARM_SHARE = 0.5
"""A map begins where the last one ended when at least this share of its landmarks were on that."""
EARLY_STEPS, STEPS, WARM_STEPS = 250, 500, 250
FEWEST = 10
"""Vectors of a map."""
_BLOCK = 65_536
_FIT_ROWS = 20_000

OnProgress = Callable[[float, str], None]


@dataclass(frozen=True)
class Known:
    """The last map, as far as it shows the same vectors: rows of the new ones (m,), and where they were (m, 2)."""

    rows: npt.NDArray[np.int64]
    points: Vectors


@dataclass(frozen=True)
class Layout:
    """``points`` (n, 2); ``landmarks`` are the rows that were embedded, all others were placed among them."""

    points: Vectors
    landmarks: npt.NDArray[np.int64]
    is_warm: bool


def lay_out(
    X: npt.NDArray[np.floating], *, seed: int, known: Known | None = None, on_progress: OnProgress = lambda *_: None
) -> Layout:
    """Lay vectors out in the plane. The same input and seed give the same map.

    Args:
        X: (n, d) vectors; their lengths are ignored.
        seed: of the choice of landmarks and of what is random in the fit.
        known: the last map, which this one is to resemble.
        on_progress: told the share done and what is being done.

    Raises:
        ValueError: fewer than ``FEWEST`` vectors, or one that is not finite.
    """
    if len(X) < FEWEST:
        raise ValueError(f"a map of {len(X)} vectors")
    rng = np.random.default_rng(seed)
    reduced = _reduced(X, rng, on_progress)
    landmarks = np.sort(rng.permutation(len(X))[:LANDMARKS])
    start = None if known is None else _start(reduced, landmarks, known)
    embedded = _embed(reduced[landmarks], start, seed, lambda share: on_progress(0.1 + 0.6 * share, "embed"))
    points = np.empty((len(X), 2), np.float32)
    points[landmarks] = embedded
    others = np.setdiff1d(np.arange(len(X)), landmarks, assume_unique=True)
    points[others] = _placed(
        reduced[others], reduced[landmarks], embedded, lambda share: on_progress(0.7 + 0.3 * share, "place")
    )
    if known is not None:
        points = aligned_to(points, rows=known.rows, target=known.points)
    return Layout(points, landmarks, start is not None)


def place_new(new: npt.NDArray[np.floating], *, among: npt.NDArray[np.floating], points: Vectors) -> Vectors:
    """Where vectors that came later go on a map that stays as it is, (n, 2).

    Args:
        new: (n, d).
        among: (m, d) vectors that are on the map, m >= ``PLACED_AMONG``.
        points: (m, 2) where they are.
    """
    if len(new) == 0:
        return np.empty((0, 2), np.float32)
    return _placed(_unit(new), _unit(among), points)


def _unit(X: npt.NDArray[np.floating]) -> Vectors:
    rows = np.asarray(X, np.float32)
    if not np.isfinite(rows).all():
        raise ValueError("a vector that is not finite")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(lengths, np.finfo(np.float32).tiny)


def _reduced(X: npt.NDArray[np.floating], rng: np.random.Generator, on_progress: OnProgress) -> Vectors:
    """Principal components (n, <= DIMENSIONS) of the unit vectors; fitted on some rows, applied in blocks."""
    sample = np.sort(rng.permutation(len(X))[:_FIT_ROWS])
    width = min(DIMENSIONS, X.shape[1], len(sample))
    pca = PCA(width, svd_solver="covariance_eigh").fit(_unit(X[sample]))
    reduced = np.empty((len(X), width), np.float32)
    for begin in range(0, len(X), _BLOCK):
        reduced[begin : begin + _BLOCK] = pca.transform(_unit(X[begin : begin + _BLOCK]))
        on_progress(0.1 * begin / len(X), "reduce")
    return reduced


def _start(reduced: Vectors, landmarks: npt.NDArray[np.int64], known: Known) -> Vectors | None:
    """Where the landmarks begin: where the last map had them, new ones among those; None with too few of those."""
    place = np.full(len(reduced), -1, np.int64)
    place[known.rows] = np.arange(len(known.rows))
    was = place[landmarks]
    is_known = was >= 0
    if is_known.sum() < max(WARM_SHARE * len(landmarks), PLACED_AMONG):
        return None
    start = np.empty((len(landmarks), 2), np.float32)
    start[is_known] = known.points[was[is_known]]
    old, new = landmarks[is_known], landmarks[~is_known]
    start[~is_known] = _placed(reduced[new], reduced[old], start[is_known])
    return start


def _embed(X: Vectors, start: Vectors | None, seed: int, on_share: Callable[[float], None]) -> Vectors:
    """t-SNE (n, 2), from principal components or from ``start``."""
    n = len(X)
    perplexity = min(PERPLEXITY, (n - 1) / 3)
    count = min(n - 1, int(3 * perplexity))
    rows, distances = nearest(X, X, count + 1)
    neighbours = PrecomputedNeighbors(*_without_self(rows, distances))
    affinities = affinity.PerplexityBasedNN(perplexity=perplexity, knn_index=neighbours, n_jobs=1, random_state=seed)
    begin = initialization.pca(X, random_state=seed) if start is None else _jittered(start, seed)
    # One thread: sums of several come in no fixed order, and the map must be the same again.
    embedding = TSNEEmbedding(
        begin, affinities, negative_gradient_method="fft" if n > 1000 else "bh", n_jobs=1, random_state=seed
    )
    total = WARM_STEPS if start is not None else EARLY_STEPS + STEPS
    done = 0

    def told(_step: int, _error: float, _points: object) -> bool:
        nonlocal done
        done += 50
        on_share(min(1.0, done / total))
        return False

    tell = {"callbacks": told, "callbacks_every_iters": 50, "inplace": True}
    if start is None:
        embedding.optimize(EARLY_STEPS, exaggeration=12, momentum=0.5, **tell)
        embedding.optimize(STEPS, momentum=0.8, **tell)
    else:
        embedding.optimize(WARM_STEPS, momentum=0.8, **tell)
    return np.asarray(embedding, np.float32)


def _jittered(start: Vectors, seed: int) -> npt.NDArray[np.float64]:
    """Photos on the same spot would never part: the gradient between them is zero."""
    spread = float(np.abs(start).max()) or 1.0
    noise = np.random.default_rng(seed).normal(0.0, 1e-3 * spread, start.shape)
    return np.asarray(start + noise, np.float64)


def _without_self(rows: npt.NDArray[np.int64], distances: Vectors) -> tuple[npt.NDArray[np.int64], Vectors]:
    """Each row's list without the row itself; where its copies crowd it out, without the last."""
    is_other = rows != np.arange(len(rows))[:, None]
    is_other[is_other.all(axis=1), -1] = False
    shape = (len(rows), rows.shape[1] - 1)
    return rows[is_other].reshape(shape), distances[is_other].reshape(shape)


def _placed(
    queries: Vectors, among: Vectors, points: Vectors, on_share: Callable[[float], None] = lambda _: None
) -> Vectors:
    """Means of the places of the nearest of ``among``, near ones weighing more."""
    if len(queries) == 0:
        return np.empty((0, 2), np.float32)
    rows, distances = nearest(queries, among, min(PLACED_AMONG, len(among)), on_share=on_share)
    # A kernel as wide as the second nearest is far: a copy of a landmark lies on it, what lies between lies between.
    width = np.maximum(distances[:, 1:2], np.finfo(np.float32).tiny)
    weights = np.exp(-((distances / width) ** 2) * 2.0)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.einsum("ij,ijk->ik", weights, points[rows]).astype(np.float32)
