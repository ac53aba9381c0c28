"""The study's arithmetic: Shapley shares, paired tests by groups, Holm's correction, intervals of ratios."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import factorial
from typing import TypeVar

import numpy as np

from classifier.core.contracts import Array
from classifier.core.metrics import group_sums

Player = TypeVar("Player", bound=Hashable)


def shapley_values(worth: Mapping[frozenset[Player], Array | float], players: Sequence[Player]) -> dict[Player, Array]:
    """Share out what all players reach together.

    Linear in `worth`, so that whole columns (one number a photo) can be shared out at once and the shares drawn again
    by groups.

    Parameters
    ----------
    worth : mapping of frozenset to float or ndarray of shape (n,)
        Of all 2^P subsets of the players.
    players : sequence of P

    Returns
    -------
    dict of player to float or ndarray
        Their sum is worth(all) - worth(none).

    Raises
    ------
    ValueError
        A subset is missing.

    References
    ----------
    .. [1] Shapley, "A value for n-person games", Contributions to the Theory of Games II, 1953.
    """
    n = len(players)
    if len(worth) < 2**n:
        raise ValueError(f"shares of {n} players need the worth of all {2**n} subsets, not of {len(worth)}")
    values: dict[Player, Array] = {}
    for player in players:
        total: Array = np.zeros_like(np.asarray(worth[frozenset()], dtype=np.float64))
        for subset in worth:
            if player not in subset:
                weight = factorial(len(subset)) * factorial(n - len(subset) - 1) / factorial(n)
                joined = np.asarray(worth[subset | {player}], dtype=np.float64)
                total = total + weight * (joined - np.asarray(worth[subset], dtype=np.float64))
        values[player] = total
    return values


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for several comparisons, in the order given.

    References
    ----------
    .. [1] Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def sign_flip_p(paired: Array, groups: Array, *, n_draws: int = 10_000, random_state: int = 0) -> float:
    """Two-sided p-value of a mean paired difference, whole groups changing sides at random.

    Parameters
    ----------
    paired : ndarray of shape (n,)
        Differences between two arms on the same photos.
    groups : ndarray of shape (n,)
        Photos of a group, in all seeds, flip together.
    n_draws, random_state : int

    Returns
    -------
    float
        Never 0: the observed signs count as a draw.
    """
    sums, _ = group_sums(paired, groups)
    # Groups without a difference change nothing.
    sums = sums[sums != 0]
    observed = abs(sums.sum())
    rng = np.random.default_rng(random_state)
    hits = 0
    for _ in range(0, n_draws, 1000):
        signs = rng.choice([-1.0, 1.0], size=(1000, len(sums)))
        hits += int((np.abs(signs @ sums) >= observed - 1e-9).sum())
    drawn = -(-n_draws // 1000) * 1000
    return (hits + 1) / (drawn + 1)


def error_cut(
    before: Array, after: Array, groups: Array, *, n_resamples: int = 2000, random_state: int = 0
) -> tuple[float, float, float]:
    """Share of the errors that is gone, with its 95 % interval over groups.

    Parameters
    ----------
    before, after : ndarray of shape (n,), bool
        Whether each photo is right.
    groups : ndarray of shape (n,)

    Returns
    -------
    value, low, high : float
        1 - wrong after / wrong before; 0 when nothing was wrong before.
    """
    lost, _ = group_sums(~np.asarray(before, dtype=bool), groups)
    left, _ = group_sums(~np.asarray(after, dtype=bool), groups)
    if lost.sum() == 0:
        return 0.0, 0.0, 0.0
    rng = np.random.default_rng(random_state)
    weights = rng.multinomial(len(lost), np.full(len(lost), 1.0 / len(lost)), size=n_resamples)
    cuts = 1.0 - (weights @ left) / np.maximum(weights @ lost, 1.0)
    value = float(1.0 - left.sum() / lost.sum())
    low, high = np.quantile(cuts, [0.025, 0.975])
    return value, min(float(low), value), max(float(high), value)
