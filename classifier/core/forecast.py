"""How many labels a target still takes, told from answers to photos that were drawn by chance.

Each such photo says whether the suggestion of its moment was right, and how many labels had been learned from then. The
error is taken to fall as ``e(n) = floor + (rate * n) ** -slope``, an inverse power law with what no label can mend
below it. Photos were asked before their label was known, so nothing here was trained on what it is judged by.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np

from classifier.core.contracts import Array

#: Fewer photos, or labels that have not become more by this factor meanwhile, tell no slope.
FEWEST_PHOTOS = 40
FEWEST_GROWTH = 2.0
#: Labels are told up to this many times the present ones; beyond, other means than labels are due.
HORIZON = 50.0
TARGETS = tuple(round(0.50 + 0.01 * step, 2) for step in range(50))
LEVEL = 0.9

_SLOPES = np.linspace(0.05, 1.5, 21)
_FLOORS = np.concatenate([[0.0], np.geomspace(0.005, 0.6, 15)])
_STARTS = np.linspace(0.03, 0.97, 27)
#: Learning curves mostly have slopes around a half; how strongly, in units of log-likelihood, the data must object.
_USUAL_SLOPE, _SLOPE_SPREAD = 0.5, 0.3
_USUAL_FLOOR = 0.15
_MOST_BINS = 40


@dataclasses.dataclass(frozen=True, slots=True)
class Missing:
    """Why nothing can be said yet.

    Parameters
    ----------
    photos : int
        Photos drawn by chance that must be settled still.
    labels : int
        Labels that must be reached, if photos are enough but the labels have hardly grown; else 0.
    """

    photos: int
    labels: int


@dataclasses.dataclass(frozen=True, slots=True)
class Forecast:
    """A learning curve, and labels by target.

    Parameters
    ----------
    now, now_low, now_high : float
        Accuracy at the present labels, with its interval.
    needed, needed_low, needed_high : ndarray of shape (T,)
        Labels in all at which each of `TARGETS` is met; inf beyond the horizon. Never fall from target to target.
    labels : ndarray of shape (m,)
        Where the curve is told, up to four times the present labels.
    curve, curve_low, curve_high : ndarray of shape (m,)
    """

    now: float
    now_low: float
    now_high: float
    needed: Array
    needed_low: Array
    needed_high: Array
    labels: Array
    curve: Array
    curve_low: Array
    curve_high: Array


def forecast(
    n_labels: Array,
    is_right: Array,
    *,
    groups: Array,
    labels_now: int,
    n_resamples: int = 300,
    random_state: int = 0,
) -> Forecast | Missing:
    """Fit the curve and draw its interval by a bootstrap over groups.

    Parameters
    ----------
    n_labels : ndarray of shape (n,), int
        Labels learned from when the suggestion was made; positive.
    is_right : ndarray of shape (n,), bool
    groups : ndarray of shape (n,)
        Plants: their photos are drawn together.
    labels_now : int
        Labels there are.
    n_resamples, random_state : int

    Returns
    -------
    Forecast or Missing

    Notes
    -----
    Each resample weighs the groups by an exponential draw (the Bayesian bootstrap [2]_), and takes one curve at random
    by what the weighted photos say of it: the best curve alone lies on the edge of what is possible too often, and its
    interval is too short. A target is told by the median of these curves.

    References
    ----------
    .. [1] Hestness et al., "Deep Learning Scaling is Predictable, Empirically", arXiv:1712.00409, 2017.
    .. [2] Rubin, "The Bayesian Bootstrap", Annals of Statistics 9(1), 1981.
    """
    n_labels, is_right = np.asarray(n_labels, np.float64), np.asarray(is_right, bool)
    if len(n_labels) != len(is_right) or len(groups) != len(is_right):
        raise ValueError("n_labels, is_right and groups must have one entry per photo")
    if len(n_labels) and n_labels.min() <= 0:
        raise ValueError("a suggestion that was made without labels has no place on the curve")
    if len(n_labels) < FEWEST_PHOTOS:
        return Missing(FEWEST_PHOTOS - len(n_labels), 0)
    # The fewest labels at which an eighth of the photos was asked: the very first one alone gives no slope.
    first = float(np.quantile(n_labels, 1 / 8))
    if n_labels.max() < FEWEST_GROWTH * first:
        return Missing(0, math.ceil(FEWEST_GROWTH * first))
    rng = np.random.default_rng(random_state)
    at, right, wrong = _binned(n_labels, is_right, groups, n_resamples, rng)
    slopes, floors, rates = _drawn_curves(at, right, wrong, rng)
    return _told(slopes, floors, rates, float(max(labels_now, 1)))


def _binned(
    n_labels: Array, is_right: Array, groups: Array, n_resamples: int, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Labels of each bin (B,), and weights of right and wrong photos there by resample, (R, B)."""
    distinct, place = np.unique(n_labels, return_inverse=True)
    if len(distinct) > _MOST_BINS:
        edges = np.unique(np.quantile(n_labels, np.linspace(0, 1, _MOST_BINS + 1)[1:-1]))
        place = np.searchsorted(edges, n_labels, side="right")
        _, place = np.unique(place, return_inverse=True)
    n_bins = int(place.max()) + 1
    at = np.exp(np.bincount(place, np.log(n_labels), n_bins) / np.bincount(place, minlength=n_bins))
    _, codes = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    weights = rng.exponential(size=(n_resamples, int(codes.max()) + 1))
    shares = weights[:, codes]
    shares *= len(codes) / shares.sum(axis=1, keepdims=True)
    in_bin = np.zeros((len(place), n_bins))
    in_bin[np.arange(len(place)), place] = 1.0
    return at, shares @ (in_bin * is_right[:, None]), shares @ (in_bin * ~is_right[:, None])


@functools.cache
def _grid() -> tuple[Array, Array, Array, Array]:
    """Slopes, floors, errors at the first bin, and the log of how usual each curve is; all (G,)."""
    slopes, floors, starts = (it.ravel() for it in np.meshgrid(_SLOPES, _FLOORS, _STARTS, indexing="ij"))
    kept = starts > floors + 0.01
    slopes, floors, starts = slopes[kept], floors[kept], starts[kept]
    usual = -0.5 * ((slopes - _USUAL_SLOPE) / _SLOPE_SPREAD) ** 2 - floors / _USUAL_FLOOR
    return slopes, floors, starts, usual


def _drawn_curves(at: Array, right: Array, wrong: Array, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """One curve per resample, drawn by its posterior on the grid: slopes, floors, rates, (R,)."""
    slopes, floors, starts, usual = _grid()
    errors = floors[:, None] + (starts - floors)[:, None] * (at / at[0]) ** -slopes[:, None]
    errors = np.clip(errors, 1e-4, 1 - 1e-4)
    scores = wrong @ np.log(errors).T + right @ np.log1p(-errors).T + usual
    chances = np.cumsum(np.exp(scores - scores.max(axis=1, keepdims=True)), axis=1)
    chosen = (chances < rng.random((len(chances), 1)) * chances[:, -1:]).sum(axis=1)
    rates = (starts[chosen] - floors[chosen]) ** (-1 / slopes[chosen]) / at[0]
    return slopes[chosen], floors[chosen], rates


def _told(slopes: Array, floors: Array, rates: Array, labels_now: float) -> Forecast:
    tails = [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2]
    labels = np.geomspace(max(labels_now / 8, 1.0), 4 * labels_now, 33)
    curves = 1 - np.minimum(floors + (rates * labels[:, None]) ** -slopes, 1.0)
    low, mid, high = np.quantile(curves, tails, axis=1)
    at_present = 1 - np.minimum(floors + (rates * labels_now) ** -slopes, 1.0)
    now_low, now, now_high = np.quantile(at_present, tails)
    room = (1 - np.asarray(TARGETS))[:, None] - floors
    with np.errstate(divide="ignore", over="ignore"):
        needed = np.where(room > 0, np.clip(room, 1e-12, None) ** (-1 / slopes) / rates, np.inf)
    # Beyond the horizon all is the same, and infinities do not interpolate.
    needed = np.where(needed > HORIZON * labels_now, np.inf, needed)
    n_low, n_mid, n_high = (np.quantile(needed, tail, axis=1, method="inverted_cdf") for tail in tails)
    return Forecast(float(now), float(now_low), float(now_high), n_mid, n_low, n_high, labels, mid, low, high)
