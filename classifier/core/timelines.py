"""The photos of one plant, taken together: it never goes back a stage.

A plant's stage is a Markov chain in continuous time that only moves to the next stage. Each photo's probabilities are
what is seen of it. A small share of photos is taken for strays (another plant, a wrong date, a model's blunder) that
tell nothing; the chance that a photo is one, given all others, is what flags it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from classifier.core.conflict import stage_conflict
from classifier.core.contracts import Array

DEFAULT_STRAY_SHARE = 0.05
DEFAULT_STAGE_DAYS = 7.0
REST_DAYS = 100.0
#: A photo that is a stray with this probability contradicts the rest of its plant: with the default share, one that
#: fits any plant at any time about six times better than this one then.
STRAY = 0.25
_GAP_DECIMALS = 2
#: Of the series for steps of at most one event: what is left out is below 1e-13.
_TERMS = 16
_LONGEST_STAY, _SHORTEST_STAY = 200.0, 0.2


@dataclasses.dataclass(frozen=True, slots=True)
class Timeline:
    """Photos of one or many plants, smoothed; rows as they were given.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        P(stage | all photos of the plant).
    others : ndarray of shape (n, K)
        P(stage | the plant's other photos).
    path : ndarray of shape (n,), int
        Likeliest history; never falls in time.
    stray : ndarray of shape (n,)
        Probability that the photo tells nothing of this plant's stage then.
    conflict : ndarray of shape (n,)
        How surely the photo and the plant's other photos are about different stages, 0..1.
    """

    probas: Array
    others: Array
    path: Array
    stray: Array
    conflict: Array

    @property
    def is_violation(self) -> Array:
        """Mask (n,) of the photos that contradict the rest of their plant."""
        return self.stray >= STRAY


def transition_matrices(stage_days: Array, gaps: Array) -> Array:
    """Probabilities of going from stage to stage in some days.

    Parameters
    ----------
    stage_days : ndarray of shape (K,)
        Mean days that a plant stays in each stage; the last entry is not used.
    gaps : ndarray of shape (m,)
        Days, not negative.

    Returns
    -------
    ndarray of shape (m, K, K)
        Upper triangular, rows sum to one.
    """
    stage_days, gaps = np.asarray(stage_days, np.float64), np.asarray(gaps, np.float64)
    if (stage_days <= 0).any() or (gaps < 0).any():
        raise ValueError("stages last longer than 0 days, and time does not go back")
    k = len(stage_days)
    if not len(gaps):
        return np.zeros((0, k, k))
    rates = 1.0 / stage_days
    rates[-1] = 0.0
    generator = np.diag(-rates) + np.diag(rates[:-1], 1)
    # Visits repeat at the same gaps.
    distinct, place = np.unique(gaps.round(_GAP_DECIMALS), return_inverse=True)
    matrices = _exponentials(generator, distinct)
    return (matrices / matrices.sum(axis=2, keepdims=True))[place]


def _exponentials(generator: Array, gaps: Array) -> Array:
    """exp(gap * generator) for each gap, (m, K, K), by uniformization [1]_ of short steps that are then doubled.

    No term is negative, so small chances keep their digits. A general routine takes a call of LAPACK for each matrix,
    which for 7 x 7 is mostly the price of its threads.

    .. [1] Jensen, "Markoff chains as an aid in the study of Markoff processes", Skand. Aktuarietidskrift 36, 1953.
    """
    rate = float(-generator.diagonal().min())
    if rate == 0.0:
        return np.broadcast_to(np.eye(len(generator)), (len(gaps), *generator.shape)).copy()
    n_doublings = max(0, int(np.ceil(np.log2(max(rate * gaps.max(), 1e-300)))))
    h = rate * gaps / 2.0**n_doublings
    step = np.eye(len(generator)) + generator / rate
    powers, weights = [np.eye(len(generator))], [np.exp(-h)]
    for term in range(1, _TERMS):
        powers.append(powers[-1] @ step)
        weights.append(weights[-1] * h / term)
    matrices = np.tensordot(np.stack(weights, axis=1), np.stack(powers), axes=1)
    for _ in range(n_doublings):
        matrices = matrices @ matrices
    return matrices


def smooth_plant(
    probas: Array,
    days: Array,
    *,
    stage_days: Array | None = None,
    prior: Array | None = None,
    stray_share: float = DEFAULT_STRAY_SHARE,
) -> Timeline:
    """Smooth the photos of one plant by the forward-backward algorithm.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
        Calibrated, each from its photo alone.
    days : ndarray of shape (n,)
        When each was taken; in any order.
    stage_days : ndarray of shape (K,), optional
        Mean days in each stage; see `fit_stage_days`. None: a week.
    prior : ndarray of shape (K,), optional
        Stage frequencies the model was trained with; None: even.
    stray_share : float
        Share of photos expected to be strays, above 0 and below 1.

    Returns
    -------
    Timeline

    References
    ----------
    .. [1] Rabiner, "A Tutorial on Hidden Markov Models", Proceedings of the IEEE 77(2), 1989.
    """
    probas = np.asarray(probas, dtype=np.float64)
    n, k = probas.shape
    if not 0.0 < stray_share < 1.0:
        raise ValueError(f"stray_share must be within 0..1, not {stray_share}")
    prior = np.full(k, 1.0 / k) if prior is None else np.asarray(prior, np.float64)
    stage_days = np.full(k, DEFAULT_STAGE_DAYS) if stage_days is None else np.asarray(stage_days, np.float64)
    if n == 0:
        return Timeline(probas, probas, np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    order = np.argsort(days, kind="stable")
    moves = transition_matrices(stage_days, np.diff(np.asarray(days, np.float64)[order]))
    # Likelihood of each photo relative to what any photo would have: a stray has 1.
    seen = (1.0 - stray_share) * probas[order] / np.clip(prior, 1e-9, None) + stray_share
    others = _others(seen, moves)
    posterior = others * seen
    posterior /= posterior.sum(axis=1, keepdims=True)
    back = np.empty(n, dtype=np.int64)
    back[order] = np.arange(n)
    others, posterior, path = others[back], posterior[back], _best_path(seen, moves)[back]
    stray = (posterior * stray_share / seen[back]).sum(axis=1)
    return Timeline(posterior, others, path, stray, stage_conflict(probas, others))


def _others(seen: Array, moves: Array) -> Array:
    """P(stage at each photo | all photos but it), shape (n, K)."""
    n, k = seen.shape
    before = np.empty((n, k))
    before[0] = 1.0 / k
    for t in range(1, n):
        state = (before[t - 1] * seen[t - 1]) @ moves[t - 1]
        before[t] = state / state.sum()
    after = np.empty((n, k))
    after[-1] = 1.0
    for t in range(n - 2, -1, -1):
        state = moves[t] @ (seen[t + 1] * after[t + 1])
        after[t] = state / state.sum()
    others = before * after
    return others / others.sum(axis=1, keepdims=True)


def _best_path(seen: Array, moves: Array) -> Array:
    """Viterbi's algorithm, shape (n,)."""
    n, k = seen.shape
    with np.errstate(divide="ignore"):
        log_seen, log_moves = np.log(seen), np.log(moves)
    best = log_seen[0]
    came_from = np.zeros((n, k), dtype=np.int64)
    for t in range(1, n):
        ways = best[:, None] + log_moves[t - 1]
        came_from[t] = ways.argmax(axis=0)
        best = ways.max(axis=0) + log_seen[t]
    path = np.empty(n, dtype=np.int64)
    path[-1] = int(best.argmax())
    for t in range(n - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return path


def smooth_plants(
    probas: Array,
    days: Array,
    plants: Array,
    *,
    stage_days: Array | None = None,
    prior: Array | None = None,
    stray_share: float = DEFAULT_STRAY_SHARE,
) -> Timeline:
    """`smooth_plant` for each plant; a photo without a plant ("") stands alone.

    Parameters
    ----------
    probas : ndarray of shape (n, K)
    days, plants : ndarray of shape (n,)
    stage_days, prior, stray_share
        As for `smooth_plant`.

    Returns
    -------
    Timeline
    """
    probas = np.asarray(probas, dtype=np.float64)
    n, k = probas.shape
    out = Timeline(np.empty((n, k)), np.empty((n, k)), np.empty(n, np.int64), np.empty(n), np.empty(n))
    days = np.asarray(days, np.float64)
    for rows in plant_rows(plants):
        part = smooth_plant(probas[rows], days[rows], stage_days=stage_days, prior=prior, stray_share=stray_share)
        for field in dataclasses.fields(Timeline):
            getattr(out, field.name)[rows] = getattr(part, field.name)
    return out


def plant_rows(plants: Array) -> list[Array]:
    """Rows of each plant; each row without a plant ("") by itself."""
    names, codes = np.unique(np.asarray(plants).astype(str), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1) if len(order) else []
    alone = [np.array([row]) for part in parts if names[codes[part[0]]] == "" for row in part]
    return [part for part in parts if names[codes[part[0]]] != ""] + alone


def season_keys(plants: Array, days: Array, *, rest_days: float = REST_DAYS) -> Array:
    """Names that tell the seasons of each plant apart: it never goes back within one, and starts anew in the next.

    Parameters
    ----------
    plants : ndarray of shape (n,)
        "" for none.
    days : ndarray of shape (n,)
        When each photo was taken, counted through the years.
    rest_days : float
        A plant that was not photographed for this long has begun another season.

    Returns
    -------
    ndarray of shape (n,), str
        "" where `plants` is.
    """
    names, days = np.asarray(plants).astype(str), np.asarray(days, np.float64)
    keys = np.full(len(names), "", dtype=object)
    for rows in plant_rows(names):
        if names[rows[0]] == "":
            continue
        order = rows[np.argsort(days[rows], kind="stable")]
        season = np.concatenate([[0], np.cumsum(np.diff(days[order]) > rest_days)])
        keys[order] = [f"{names[rows[0]]}/{number}" for number in season]
    return keys.astype(str)


def fit_stage_days(
    labels: Sequence[Array],
    days: Sequence[Array],
    *,
    n_stages: int,
    prior_days: float = DEFAULT_STAGE_DAYS,
    prior_moves: float = 2.0,
) -> Array:
    """Estimate how long plants stay in each stage from dated consensus stages.

    Maximum likelihood of the chain seen at the visits only, with a pull toward `prior_days`.

    Parameters
    ----------
    labels, days : sequence of ndarrays of shape (n_p,)
        Stage positions and days of each plant, in any order. Pairs that go back are left out.
    n_stages : int
        K.
    prior_days : float
        What a stage is taken to last before anything was seen.
    prior_moves : float
        Strength of that, in visits.

    Returns
    -------
    ndarray of shape (K,)

    References
    ----------
    .. [1] Kalbfleisch and Lawless, "The Analysis of Panel Data under a Markov Assumption", JASA 80, 1985.
    """
    steps = [_steps(np.asarray(label), np.asarray(day, np.float64)) for label, day in zip(labels, days, strict=True)]
    steps = [step for step in steps if len(step)]
    moved = np.concatenate(steps) if steps else np.zeros((0, 3))
    start = np.full(n_stages - 1, np.log(prior_days))
    if not len(moved) or n_stages < 2:
        return np.exp(np.append(start, np.log(prior_days)))
    source, target, gaps = moved[:, 0].astype(int), moved[:, 1].astype(int), moved[:, 2]

    def loss(log_days: Array) -> float:
        chances = transition_matrices(np.exp(np.append(log_days, 0.0)), gaps)[np.arange(len(gaps)), source, target]
        pull = prior_moves * float(((log_days - np.log(prior_days)) ** 2).sum()) / 2
        return float(-np.log(np.clip(chances, 1e-12, None)).sum()) + pull

    bounds = [(np.log(_SHORTEST_STAY), np.log(_LONGEST_STAY))] * (n_stages - 1)
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    return np.exp(np.append(found.x, found.x.mean()))


def _steps(labels: Array, days: Array) -> Array:
    """(stage, next stage, days between) of following visits, shape (m, 3)."""
    order = np.argsort(days, kind="stable")
    labels, days = labels[order], days[order]
    steps = np.column_stack([labels[:-1], labels[1:], np.diff(days)])
    return steps[(labels[1:] >= labels[:-1]) & (np.diff(days) > 0)]


def out_of_order(labels: Array, days: Array) -> Array:
    """Which dated stages of one plant must be wrong.

    Parameters
    ----------
    labels : ndarray of shape (n,), int
    days : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n,), bool
        The fewest photos without which the stages never fall; photos of the same moment may be in any order. Where
        there is more than one way, the later photos are kept.
    """
    labels = np.asarray(labels, dtype=np.int64)
    n = len(labels)
    order = np.lexsort((labels, np.asarray(days)))
    ranked = labels[order]
    longest, before = np.ones(n, dtype=np.int64), np.full(n, -1)
    for t in range(1, n):
        fits = np.flatnonzero(ranked[:t] <= ranked[t])
        if len(fits):
            best = fits[len(fits) - 1 - int(longest[fits][::-1].argmax())]
            longest[t], before[t] = longest[best] + 1, best
    is_wrong = np.ones(n, dtype=bool)
    t = n - 1 - int(longest[::-1].argmax()) if n else -1
    while t >= 0:
        is_wrong[order[t]] = False
        t = int(before[t])
    return is_wrong
