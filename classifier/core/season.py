"""What date and place alone say about the stage.

Counts of consensus stages are smoothed over the day of the year. A site with few photos borrows from all sites, and
these from the plain frequencies of the stages.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from classifier.core.contracts import Array

YEAR = 366
BANDWIDTHS = (2.0, 4.0, 8.0, 16.0)
BORROWINGS = (1.0, 5.0, 20.0)
#: Photos by which the plain frequencies weigh on days when few were taken at any site.
_FLOOR = 0.5


@dataclasses.dataclass(frozen=True, slots=True)
class SeasonEvidence:
    """P(stage | day of the year, site), by table.

    Parameters
    ----------
    sites : dict of object to int
        Row of each known site in `tables`; the last row serves all others.
    tables : ndarray of shape (S + 1, 366, K)
    support : ndarray of shape (S + 1, 366)
        Labelled photos within reach of the day, at the site.
    bandwidth : float
        Standard deviation of the smoothing, in days.
    borrowing : float
        Photos by which all sites weigh on one.
    """

    sites: dict[object, int]
    tables: Array
    support: Array
    bandwidth: float
    borrowing: float

    def predict_proba(self, days: Array, sites: Array) -> Array:
        """Distributions (n, K) for days of the year (any real number, taken modulo the year) and sites (n,)."""
        return self.tables[self._rows(sites), _day_bin(days)]

    def photos_near(self, days: Array, sites: Array) -> Array:
        """How many labelled photos each answer of `predict_proba` rests on at its own site, shape (n,)."""
        return self.support[self._rows(sites), _day_bin(days)]

    def _rows(self, sites: Array) -> Array:
        return np.array([self.sites.get(site, len(self.sites)) for site in np.asarray(sites).tolist()], dtype=np.int64)


def fit_season(
    days: Array,
    sites: Array,
    targets: Array,
    *,
    weights: Array | None = None,
    groups: Array | None = None,
    bandwidth: float | None = None,
    borrowing: float | None = None,
) -> SeasonEvidence:
    """Fit the tables.

    Parameters
    ----------
    days : ndarray of shape (n,)
        Day of the year, 0..366; fractions are cut.
    sites : ndarray of shape (n,)
    targets : ndarray of shape (n, K)
        Consensus as distributions.
    weights : ndarray of shape (n,), optional
        Such as inverse chances of having been asked; None: one each.
    groups : ndarray of shape (n,), optional
        Plants; left out together when `bandwidth` or `borrowing` is chosen. None: every photo its own.
    bandwidth, borrowing : float or None
        None chooses among `BANDWIDTHS` and `BORROWINGS` by the likelihood of groups left out in five folds.

    Returns
    -------
    SeasonEvidence

    References
    ----------
    .. [1] Gelman and Hill, "Data Analysis Using Regression and Multilevel/Hierarchical Models", 2007 (partial pooling).
    """
    targets = np.asarray(targets, dtype=np.float64)
    if targets.ndim != 2 or len(targets) != len(days) or len(sites) != len(days):
        raise ValueError("days, sites and targets must have one row per photo")
    weights = np.ones(len(targets)) if weights is None else np.asarray(weights, np.float64)
    if bandwidth is None or borrowing is None:
        bandwidth, borrowing = _chosen(days, sites, targets, weights, groups, bandwidth, borrowing)
    names = list(dict.fromkeys(np.asarray(sites).tolist()))
    rows = {name: row for row, name in enumerate(names)}
    counts = np.zeros((len(names), YEAR, targets.shape[1]))
    place = np.array([rows[site] for site in np.asarray(sites).tolist()], dtype=np.int64)
    np.add.at(counts, (place, _day_bin(days)), targets * weights[:, None])
    tables, support = _tables(counts, bandwidth, borrowing)
    return SeasonEvidence(dict(rows), tables, support, float(bandwidth), float(borrowing))


def _day_bin(days: Array) -> Array:
    return np.floor(np.mod(np.asarray(days, np.float64), YEAR)).astype(np.int64) % YEAR


def _tables(counts: Array, bandwidth: float, borrowing: float) -> tuple[Array, Array]:
    """Counts (S, 366, K) -> distributions (S + 1, 366, K) and support (S + 1, 366)."""
    apart = np.abs(np.arange(YEAR)[:, None] - np.arange(YEAR))
    kernel = np.exp(-0.5 * (np.minimum(apart, YEAR - apart) / bandwidth) ** 2)
    near = np.tensordot(counts, kernel, axes=(1, 1)).transpose(0, 2, 1)
    k = counts.shape[2]
    overall = counts.sum(axis=(0, 1)) + 1.0 / k
    overall /= overall.sum()
    everywhere = near.sum(axis=0)
    shared = (everywhere + _FLOOR * overall) / (everywhere.sum(axis=1, keepdims=True) + _FLOOR)
    local = (near + borrowing * shared) / (near.sum(axis=2, keepdims=True) + borrowing)
    tables = np.concatenate([local, shared[None]])
    support = np.concatenate([near.sum(axis=2), everywhere.sum(axis=1)[None]])
    return tables, support


def _chosen(
    days: Array,
    sites: Array,
    targets: Array,
    weights: Array,
    groups: Array | None,
    bandwidth: float | None,
    borrowing: float | None,
) -> tuple[float, float]:
    """The pair with the best likelihood on groups left out; the widest when there is nothing to judge by."""
    folds = _folds(np.arange(len(targets)) if groups is None else np.asarray(groups))
    grid = [
        (width, borrowed)
        for width in (BANDWIDTHS if bandwidth is None else (bandwidth,))
        for borrowed in (BORROWINGS if borrowing is None else (borrowing,))
    ]
    if folds.max(initial=0) == 0:
        return max(grid)

    def loss(pair: tuple[float, float]) -> float:
        total = 0.0
        for fold in range(int(folds.max()) + 1):
            out = folds == fold
            fitted = fit_season(
                np.asarray(days)[~out], np.asarray(sites)[~out], targets[~out], weights=weights[~out],
                bandwidth=pair[0], borrowing=pair[1],
            )  # fmt: skip
            logs = np.log(np.clip(fitted.predict_proba(np.asarray(days)[out], np.asarray(sites)[out]), 1e-9, None))
            total -= float((weights[out, None] * targets[out] * logs).sum())
        return total

    return min(grid, key=loss)


def _folds(groups: Array, n_folds: int = 5) -> Array:
    """Deal groups to folds, (n,); one fold when there is one group."""
    _, codes = np.unique(groups.astype(str), return_inverse=True)
    return codes % min(n_folds, int(codes.max(initial=-1)) + 1) if len(codes) else codes
