"""Whether one class is really two or more.

Clusters are found in any cloud, so a split must pass five tests: the clusters are compact, fewer photos lie between
them than in them (on photos that did not make the clusters), the same clusters come back when photos are drawn again,
neither site nor camera explains them, and no part is just another class with the wrong label. What sites and cameras
add to every photo is taken off first: it would hide two parts behind the loudest of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from itertools import combinations

import numpy as np
from sklearn.cluster import KMeans
from sklearn.covariance import ledoit_wolf
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, roc_auc_score, silhouette_score
from threadpoolctl import threadpool_limits

from classifier.core.class_structure.measures import UNKNOWN, Interval, cramers_v, separating_scores
from classifier.core.contracts import Array
from classifier.core.splits import TooFewGroups, grouped_folds

COMPONENTS = 10
RESAMPLES = 50
LEAST_STABILITY = 0.8
LEAST_SILHOUETTE = 0.1
MOST_EXPLAINED = 0.3
#: One cloud, however skewed, has bridges of 0.6 and more, two moments of a season 0.4 (study of class structure).
THICKEST_BRIDGE = 0.5
#: Over an order parts that follow the week have a second witness: a bridge somewhat thicker and clusters somewhat less
#: steady pass, too. One cloud halved follows the week up to 0.33, two moments from 0.36 (same study, seeds 0 to 39).
LEAST_FOLLOWED = 0.35
THICKEST_BRIDGE_FOLLOWED = 0.6
LEAST_STABILITY_FOLLOWED = 0.75
#: Area of a model between a part and another class below which the part is that class with a wrong label.
LEAST_APART = 0.7
FEWEST_PHOTOS = 40
FEWEST_IN_PART = 0.1
_PARTS = (2, 3, 4)
_AXIS_COMPONENTS = 30
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
    followed : frozenset of str
        Columns that clusters may follow: stages come one after the other.
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
    followed: frozenset[str]
    resembles: tuple[int, ...]
    examples: tuple[Array, ...]

    @property
    def n_parts(self) -> int:
        """Number of clusters."""
        return int(self.parts.max(initial=-1)) + 1

    @property
    def is_split(self) -> bool:
        """Whether all tests are passed."""
        least = LEAST_STABILITY_FOLLOWED if self.is_followed else LEAST_STABILITY
        return self.is_apart and self.stability.value >= least and not self.artefacts and not self.resembles

    @property
    def is_apart(self) -> bool:
        """Whether the clusters are compact with little between them."""
        thickest = THICKEST_BRIDGE_FOLLOWED if self.is_followed else THICKEST_BRIDGE
        return self.silhouette >= LEAST_SILHOUETTE and self.bridge <= thickest

    @property
    def is_followed(self) -> bool:
        """Whether the clusters come one after the other, by a column that they may follow."""
        return any(self.explained.get(name, 0.0) >= LEAST_FOLLOWED for name in self.followed)

    @property
    def artefacts(self) -> tuple[str, ...]:
        """Columns of metadata that explain the clusters and must not."""
        explained = (name for name, value in self.explained.items() if value >= MOST_EXPLAINED)
        return tuple(name for name in explained if name not in self.followed)


def split_test(
    X: Array,
    labels: Array,
    groups: Array,
    stage: int,
    *,
    metadata: Mapping[str, Array] | None = None,
    may_follow: Collection[str] = (),
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
    may_follow : collection of str
        Columns that the parts may follow; of the others, what they add to a photo is taken off.
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
    columns = {name: np.asarray(column) for name, column in (metadata or {}).items()}
    circumstances = [column for name, column in columns.items() if name not in may_follow]
    cloud = without_circumstances(X, labels, circumstances)[rows] if circumstances else X[rows]
    columns = {name: column[rows] for name, column in columns.items()}
    with threadpool_limits(limits=1):
        tried = [_tried(cloud, rows, groups, stage, k, columns, frozenset(may_follow), random_state) for k in _PARTS]
    found = [
        dataclasses.replace(evidence, resembles=_resembled(X, labels, all_groups, evidence, random_state))
        if evidence.is_split
        else evidence
        for evidence in tried
        if evidence is not None
    ]
    return max(found, key=lambda evidence: (evidence.is_split, evidence.silhouette), default=None)


def without_circumstances(X: Array, labels: Array, columns: Collection[Array]) -> Array:
    """Take off what each category of each column adds to the photos of a class, a ridge over all classes.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    labels : ndarray of shape (n,), int
        Photos with -1 are kept as they are, and nothing is learned from them.
    columns : collection of ndarrays of shape (n,)

    Returns
    -------
    ndarray of shape (n, d)
    """
    known = labels >= 0
    residuals = np.asarray(X, dtype=np.float64)[known]
    for stage in np.unique(labels[known]):
        residuals[labels[known] == stage] -= residuals[labels[known] == stage].mean(axis=0)
    codes = [np.unique(np.asarray(column)[known].astype(str), return_inverse=True)[1] for column in columns]
    design = np.concatenate([np.eye(int(code.max()) + 1)[code] for code in codes], axis=1)
    added = np.linalg.solve(design.T @ design + np.eye(design.shape[1]), design.T @ residuals)
    cleaned = np.array(X, dtype=np.float64)
    cleaned[known] -= design @ added
    return cleaned


def _components(X: Array, n_components: int, random_state: int) -> PCA:
    """Main components, not standardised: what sets two parts apart is what varies most."""
    return PCA(min(n_components, X.shape[1], len(X) - 1), svd_solver="full", random_state=random_state).fit(X)


def _tried(
    cloud: Array,
    rows: Array,
    groups: Array,
    stage: int,
    k: int,
    columns: Mapping[str, Array],
    followed: frozenset[str],
    random_state: int,
) -> SplitEvidence | None:
    points = _components(cloud, COMPONENTS, random_state).transform(cloud)
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
        _bridge(cloud, groups, k, random_state),
        {name: cramers_v(parts, column) for name, column in columns.items()},
        followed,
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


def _bridge(cloud: Array, groups: Array, k: int, random_state: int) -> float:
    """The thickest bridge between two of the clusters: mean over halvings of the groups.

    Along the axis that tells the clusters of one half apart best, not the line through their centres: along that line
    the spread inside the parts fills the valley.
    """
    bridges = np.zeros((2 * _HALVINGS, k, k))
    for halving in range(_HALVINGS):
        halves = grouped_folds(np.zeros(len(cloud), np.int64), groups, n_folds=2, random_state=random_state + halving)
        for half in (0, 1):
            made, unseen = cloud[halves != half], cloud[halves == half]
            points = _components(made, COMPONENTS, random_state).transform(made)
            side = KMeans(k, n_init=5, random_state=random_state).fit_predict(points)
            space = _components(made, _AXIS_COMPONENTS, random_state)
            made, unseen = space.transform(made), space.transform(unseen)
            # Clusters of different halves are matched by where they lie along the main component.
            order = np.argsort([made[side == part, 0].mean() for part in range(k)], kind="stable")
            clusters = [made[side == part] for part in order]
            for one, two in combinations(range(k), 2):
                bridges[2 * halving + half, one, two] = _valley_between(clusters, one, two, unseen)
    return float(bridges.mean(axis=0).max())


def _valley_between(clusters: list[Array], one: int, two: int, unseen: Array) -> float:
    """The valley between two of the clusters on photos that did not make them and are nearest to one of the two."""
    centres = np.stack([cluster.mean(axis=0) for cluster in clusters])
    nearest = ((unseen[:, None, :] - centres) ** 2).sum(axis=2).argmin(axis=1)
    inside = np.concatenate([clusters[part] - centres[part] for part in (one, two)])
    axis = np.linalg.solve(ledoit_wolf(inside, assume_centered=True)[0], centres[two] - centres[one])
    place = unseen[np.isin(nearest, [one, two])] @ axis
    is_second = place > (centres[one] + centres[two]) @ axis / 2
    return _valley(place[~is_second], place[is_second])


def _valley(first: Array, second: Array) -> float:
    """Least density between the middles of two sides (along an axis) over the lower of the two peaks."""
    if min(len(first), len(second)) < _FEWEST_ON_A_SIDE:
        return 1.0
    middle, length = first.mean(), second.mean() - first.mean()
    near_one, near_two = ((side - middle) / length for side in (first, second))
    place = np.concatenate([near_one, near_two])
    # The width of one side, not of both: a wide valley must not smooth itself away.
    width = 0.9 * min(near_one.std(), near_two.std()) * len(place) ** -0.2 + 1e-9
    grid = np.linspace(-0.5, 1.5, 161)
    density = np.exp(-0.5 * ((grid[:, None] - place) / width) ** 2).mean(axis=1)
    peak = min(density[grid <= 0.4].max(), density[grid >= 0.6].max())
    between = density[(grid > 0.25) & (grid < 0.75)].min()
    return float(between / peak) if peak > 0 else 1.0
