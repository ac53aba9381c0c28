"""Whether one class is really two or more.

Clusters are found in any cloud, so a split must pass five tests: the clusters are compact, fewer photos lie between
them than in them (on photos that did not make the clusters), the same clusters come back when photos are drawn again,
neither site nor camera nor date explains them, and no part is just another class with the wrong label.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from itertools import combinations

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, roc_auc_score, silhouette_score
from threadpoolctl import threadpool_limits

from classifier.core.class_structure.measures import UNKNOWN, Interval, cramers_v, separating_scores
from classifier.core.contracts import Array
from classifier.core.splits import TooFewGroups, grouped_folds

COMPONENTS = 10
RESAMPLES = 50
LEAST_STABILITY = 0.8
LEAST_SILHOUETTE = 0.15
MOST_EXPLAINED = 0.3
#: One cloud, however skewed, has bridges of 0.4 to 0.9; see the study of class structure.
THICKEST_BRIDGE = 0.4
#: Area of a model between a part and another class below which the part is that class with a wrong label.
LEAST_APART = 0.7
FEWEST_PHOTOS = 40
FEWEST_IN_PART = 0.1
_PARTS = (2, 3, 4)
_MOST_EXAMPLES = 12
_HALVINGS = 3
_FEWEST_ON_A_SIDE = 5


@dataclasses.dataclass(frozen=True, slots=True)
class SplitEvidence:
    """The best clustering of one class, and how it fared.

    Parameters
    ----------
    stage : int
        Position of the class.
    parts : ndarray of shape (n,), int
        Cluster of each of `rows`, largest first.
    rows : ndarray of shape (n,), int
        Photos of the class.
    stability : Interval
        Adjusted Rand index with clusters of resampled groups; only looked at when the other tests are passed.
    silhouette : float
    bridge : float
        Density of photos between two clusters over that in the thinner cluster, on photos that did not make them.
    explained : dict of str to float
        Cramér's V of the clusters with each column of metadata.
    resembles : tuple of int
        Other classes that a model cannot tell from one of the parts; looked at last.
    examples : tuple of ndarrays of int
        Rows nearest to each centre.
    """

    stage: int
    parts: Array
    rows: Array
    stability: Interval
    silhouette: float
    bridge: float
    explained: Mapping[str, float]
    resembles: tuple[int, ...]
    examples: tuple[Array, ...]

    @property
    def n_parts(self) -> int:
        """Number of clusters."""
        return int(self.parts.max(initial=-1)) + 1

    @property
    def is_split(self) -> bool:
        """Whether all tests are passed."""
        is_stable = self.stability.value >= LEAST_STABILITY
        return self.is_apart and is_stable and not self.artefacts and not self.resembles

    @property
    def is_apart(self) -> bool:
        """Whether the clusters are compact with little between them."""
        return self.silhouette >= LEAST_SILHOUETTE and self.bridge <= THICKEST_BRIDGE

    @property
    def artefacts(self) -> tuple[str, ...]:
        """Columns of metadata that explain the clusters."""
        return tuple(name for name, value in self.explained.items() if value >= MOST_EXPLAINED)


def split_test(
    X: Array,
    labels: Array,
    groups: Array,
    stage: int,
    *,
    metadata: Mapping[str, Array] | None = None,
    random_state: int = 0,
) -> SplitEvidence | None:
    """Test one class.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    labels : ndarray of shape (n,), int
    groups : ndarray of shape (n,)
    stage : int
        Position of the class.
    metadata : mapping of str to ndarray of shape (n,), optional
        Such as site, camera and week; compared as categories.
    random_state : int

    Returns
    -------
    SplitEvidence or None
        Of the number of parts that passes with the best silhouette, else of the one with the best silhouette; None
        with too few photos or groups.
    """
    X, labels = np.asarray(X), np.asarray(labels)
    rows = np.flatnonzero(labels == stage)
    all_groups, groups = np.asarray(groups), np.asarray(groups)[rows]
    if len(rows) < FEWEST_PHOTOS or len(np.unique(groups)) < 4:
        return None
    points = _projected(X[rows], random_state)
    columns = {name: np.asarray(column)[rows] for name, column in (metadata or {}).items()}
    with threadpool_limits(limits=1):
        tried = [_tried(points, rows, groups, stage, k, columns, random_state) for k in _PARTS]
    found = [
        dataclasses.replace(evidence, resembles=_resembled(X, labels, all_groups, evidence, random_state))
        if evidence.is_split
        else evidence
        for evidence in tried
        if evidence is not None
    ]
    return max(found, key=lambda evidence: (evidence.is_split, evidence.silhouette), default=None)


def _projected(X: Array, random_state: int) -> Array:
    """Main components, not standardised: what sets two parts apart is what varies most."""
    centred = np.asarray(X, dtype=np.float64) - np.mean(X, axis=0)
    components = min(COMPONENTS, centred.shape[1], len(centred) - 1)
    return PCA(components, svd_solver="full", random_state=random_state).fit_transform(centred)


def _tried(
    points: Array, rows: Array, groups: Array, stage: int, k: int, columns: Mapping[str, Array], random_state: int
) -> SplitEvidence | None:
    clusters = KMeans(k, n_init=5, random_state=random_state).fit(points)
    by_size = np.argsort(-np.bincount(clusters.labels_, minlength=k), kind="stable")
    parts = np.argsort(by_size)[clusters.labels_]
    sizes = np.bincount(parts, minlength=k)
    if sizes.min() < FEWEST_IN_PART * len(points):
        return None
    distance = clusters.transform(points)[:, by_size]
    evidence = SplitEvidence(
        stage,
        parts,
        rows,
        UNKNOWN,
        float(silhouette_score(points, parts)),
        _bridge(points, groups, k, random_state),
        {name: cramers_v(parts, column) for name, column in columns.items()},
        (),
        tuple(_nearest(rows, distance[:, part], parts == part) for part in range(k)),
    )
    if not evidence.is_apart:
        return evidence
    return dataclasses.replace(evidence, stability=_stability(points, parts, groups, k, random_state))


def _resembled(X: Array, labels: Array, groups: Array, evidence: SplitEvidence, random_state: int) -> tuple[int, ...]:
    found = set()
    for part in range(evidence.n_parts):
        members = evidence.rows[evidence.parts == part]
        for other in np.unique(labels[(labels >= 0) & (labels != evidence.stage)]):
            rows = np.concatenate([members, np.flatnonzero(labels == other)])
            is_other = np.arange(len(rows)) >= len(members)
            try:
                scores = separating_scores(X[rows], is_other, groups[rows], random_state=random_state)
            except TooFewGroups:
                continue
            if roc_auc_score(is_other, scores) < LEAST_APART:
                found.add(int(other))
    return tuple(sorted(found))


def _nearest(rows: Array, distance: Array, is_member: Array) -> Array:
    members = np.flatnonzero(is_member)
    return rows[members[np.argsort(distance[members], kind="stable")[:_MOST_EXAMPLES]]]


def _stability(points: Array, parts: Array, groups: Array, k: int, random_state: int) -> Interval:
    rng = np.random.default_rng(random_state)
    names, codes = np.unique(groups.astype(str), return_inverse=True)
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    likeness = []
    for resample in range(RESAMPLES):
        drawn = np.concatenate([members[group] for group in rng.integers(0, len(names), len(names))])
        again = KMeans(k, n_init=3, random_state=resample).fit(points[drawn])
        likeness.append(adjusted_rand_score(parts, again.predict(points)))
    low, high = np.quantile(likeness, [0.025, 0.975])
    return Interval(float(np.mean(likeness)), float(low), float(high), len(points))


def _bridge(points: Array, groups: Array, k: int, random_state: int) -> float:
    """The thickest bridge between two of the clusters: mean over halvings of the groups."""
    bridges = np.zeros((2 * _HALVINGS, k, k))
    for halving in range(_HALVINGS):
        halves = grouped_folds(np.zeros(len(points), np.int64), groups, n_folds=2, random_state=random_state + halving)
        for half in (0, 1):
            clusters = KMeans(k, n_init=5, random_state=random_state).fit(points[halves != half])
            # Clusters of different halves are matched by where they lie along the main component.
            centres = clusters.cluster_centers_[np.argsort(clusters.cluster_centers_[:, 0], kind="stable")]
            unseen = points[halves == half]
            side = ((unseen[:, None, :] - centres) ** 2).sum(axis=2).argmin(axis=1)
            for one, two in combinations(range(k), 2):
                near = unseen[(side == one) | (side == two)]
                bridges[2 * halving + half, one, two] = _valley(near, centres[one], centres[two])
    return float(bridges.mean(axis=0).max())


def _valley(points: Array, one: Array, two: Array) -> float:
    """Least density between two centres over the lower of the two peaks, along the line through them."""
    axis = two - one
    length = float(axis @ axis)
    place = (points - one) @ axis / length if length > 0 else np.zeros(len(points))
    near_one, near_two = place[place < 0.5], place[place >= 0.5]
    if min(len(near_one), len(near_two)) < _FEWEST_ON_A_SIDE:
        return 1.0
    # The width of one side, not of both: a wide valley must not smooth itself away.
    width = 0.9 * min(near_one.std(), near_two.std()) * len(place) ** -0.2 + 1e-9
    grid = np.linspace(-0.5, 1.5, 161)
    density = np.exp(-0.5 * ((grid[:, None] - place) / width) ** 2).mean(axis=1)
    peak = min(density[grid <= 0.4].max(), density[grid >= 0.6].max())
    between = density[(grid > 0.25) & (grid < 0.75)].min()
    return float(between / peak) if peak > 0 else 1.0
