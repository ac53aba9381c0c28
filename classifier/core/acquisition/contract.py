"""What every acquisition function is given and what it gives back.

An acquisition function looks at a `Pool` and names photos to ask about, best first, each with a utility and a reason
that the bench can put into words. It is pure: the same pool and seed give the same choices, and the pool is not
touched.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

import numpy as np

from classifier.core.acquisition.ration import encoded, rationed
from classifier.core.contracts import Array

Code = Literal["boundary", "uncertain", "diverse", "disagree", "season", "timeline", "relabel"]
_OPTIONAL_DISTRIBUTIONS = ("probas", "season_probas")
_SUM_TOLERANCE = 1e-3
_BLOCK_ROWS = 65_536


class Missing(ValueError):
    """The pool lacks something that an acquisition function needs."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Photos that may be asked about, and what is known of them.

    Parameters
    ----------
    embeddings : ndarray of shape (n, d)
        Any float type.
    is_labelled : ndarray of shape (n,), bool, optional
        Rows that are decided: they show what is covered and are not asked again (but by `relabel`). None: no row.
    is_barred : ndarray of shape (n,), bool, optional
        Rows that nothing may pick, such as held-out photos. None: no row.
    groups : ndarray of shape (n,), optional
        Plants. A group gives a second photo once every group has given one. None: every photo its own.
    bursts : ndarray of shape (n,), optional
        Shots of one moment and near-duplicates. A burst gives one photo a batch. None: every photo its own.
    probas : ndarray of shape (n, K), optional
        Out of fold where a row is labelled.
    member_probas : ndarray of shape (M, n, K), optional
        Of the members of an ensemble.
    labels : ndarray of shape (n,), int, optional
        Stage positions of labelled rows, -1 elsewhere.
    season_probas : ndarray of shape (n, K), optional
        P(stage | day of the year, site); see ``classifier.core.season``.
    days : ndarray of shape (n,), optional
        When each photo was taken, in days from any origin. Rows without a plant may hold anything finite.
    plants : ndarray of shape (n,), optional
        Plant of each photo, "" where unknown.
    predict_proba : callable, optional
        Maps vectors (m, d) to distributions (m, K): the fitted head.
    is_ordered : bool

    Raises
    ------
    ValueError
        Shapes that do not fit, numbers that are not finite, rows that are no distributions.
    """

    embeddings: Array
    is_labelled: Array | None = None
    is_barred: Array | None = None
    groups: Array | None = None
    bursts: Array | None = None
    probas: Array | None = None
    member_probas: Array | None = None
    labels: Array | None = None
    season_probas: Array | None = None
    days: Array | None = None
    plants: Array | None = None
    predict_proba: Callable[[Array], Array] | None = None
    is_ordered: bool = True

    def __post_init__(self) -> None:
        if np.ndim(self.embeddings) != 2:
            raise ValueError(f"embeddings must be (n, d), not {np.shape(self.embeddings)}")
        _check_finite("embeddings", self.embeddings)
        n = len(self.embeddings)
        for name in ("is_labelled", "is_barred", "groups", "bursts", "labels", "days", "plants"):
            column = getattr(self, name)
            if column is not None and np.shape(column) != (n,):
                raise ValueError(f"{name} must be ({n},), not {np.shape(column)}")
        if self.days is not None:
            _check_finite("days", self.days)
        for name in _OPTIONAL_DISTRIBUTIONS:
            if getattr(self, name) is not None:
                _check_distributions(name, getattr(self, name), n)
        if self.member_probas is not None:
            if np.ndim(self.member_probas) != 3:
                raise ValueError(f"member_probas must be (M, n, K), not {np.shape(self.member_probas)}")
            for member in self.member_probas:
                _check_distributions("member_probas", member, n)

    def __len__(self) -> int:
        return len(self.embeddings)

    @property
    def labelled(self) -> Array:
        """Mask (n,) of the decided rows."""
        return _mask(self.is_labelled, len(self))

    @property
    def candidates(self) -> Array:
        """Mask (n,) of the rows that may be asked."""
        return ~(self.labelled | _mask(self.is_barred, len(self)))

    def needed(self, name: str) -> Array:
        """The array `name`.

        Raises
        ------
        Missing
            The pool has none.
        """
        value = getattr(self, name)
        if value is None:
            raise Missing(f"the pool has no {name}")
        return np.asarray(value)

    def group_codes(self) -> Array:
        """Groups as integers (n,)."""
        return encoded(self.groups, len(self))

    def burst_codes(self) -> Array:
        """Bursts as integers (n,)."""
        return encoded(self.bursts, len(self))

    def without(self, rows: Array) -> Pool:
        """The same pool with more rows barred."""
        barred = _mask(self.is_barred, len(self)).copy()
        barred[rows] = True
        return self.with_masks(is_barred=barred)

    def with_masks(self, **masks: Array) -> Pool:
        """The same pool with other masks or codes of the right shape; the rest was checked already."""
        pool = copy.copy(self)
        for name, mask in masks.items():
            object.__setattr__(pool, name, mask)
        return pool


@dataclasses.dataclass(frozen=True, slots=True)
class Why:
    """Why a photo is asked, for the bench to put into words.

    Parameters
    ----------
    code : str
        ``boundary`` torn between two neighbours, ``uncertain`` torn otherwise, ``diverse`` unlike anything labelled,
        ``disagree`` the members differ, ``season`` early or late for the date and site, ``timeline`` at odds with the
        plant's other photos, ``relabel`` at odds with its own label. At most ten letters.
    boundary : int or None
        Position below the boundary in doubt.
    facts : mapping of str to float
        Numbers for the sentence; each function says which.
    """

    code: Code
    boundary: int | None = None
    facts: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """A row of the pool, what it promised when it was chosen, and why."""

    index: int
    utility: float
    why: Why


class Acquisition(Protocol):
    """One acquisition function; ``ACQUISITIONS`` of the package lists them by name."""

    @property
    def name(self) -> str:
        """Its key."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Fields of `Pool` that must not be None."""

    def select(self, pool: Pool, batch_size: int, *, random_state: int = 0) -> list[Choice]:
        """Choose photos.

        Returns
        -------
        list of Choice
            Best first, no row twice, one of a burst, one of a group until every group has given one; fewer than
            `batch_size` when there are no more.

        Raises
        ------
        Missing
            The pool lacks something of `needs`.
        ValueError
            A negative `batch_size`.
        """


@dataclasses.dataclass(frozen=True, slots=True)
class ByUtility:
    """Takes the photos with the highest utilities.

    Parameters
    ----------
    name : str
    needs : tuple of str
    measure : callable
        Gives utilities (n,) of a pool.
    explain : callable
        Gives the reasons of some rows.
    candidates : callable
        Gives the mask (n,) of the rows that may be chosen; by default those of the pool.
    """

    name: str
    needs: tuple[str, ...]
    measure: Callable[[Pool], Array]
    explain: Callable[[Pool, Array], Sequence[Why]]
    candidates: Callable[[Pool], Array] = lambda pool: pool.candidates

    def select(self, pool: Pool, batch_size: int, *, random_state: int = 0) -> list[Choice]:
        """As `Acquisition.select`; equal utilities are ordered by chance."""
        check_request(self, pool, batch_size)
        utilities = np.asarray(self.measure(pool), dtype=np.float64)
        rows = np.random.default_rng(random_state).permutation(np.flatnonzero(self.candidates(pool)))
        rows = rows[np.argsort(-utilities[rows], kind="stable")]
        rows = rationed(rows, pool.group_codes(), pool.burst_codes(), batch_size)
        return choices(rows, utilities[rows], self.explain(pool, rows))


@dataclasses.dataclass(frozen=True, slots=True)
class ByBatch:
    """Composes the batch as a whole, so that its photos do not repeat each other.

    Parameters
    ----------
    name : str
    needs : tuple of str
    pick : callable
        (pool, batch_size, random_state) -> rows and their utilities, both of shape (m,), rationed already.
    explain : callable
        Gives the reasons of some rows.
    """

    name: str
    needs: tuple[str, ...]
    pick: Callable[[Pool, int, int], tuple[Array, Array]]
    explain: Callable[[Pool, Array], Sequence[Why]]

    def select(self, pool: Pool, batch_size: int, *, random_state: int = 0) -> list[Choice]:
        """As `Acquisition.select`."""
        check_request(self, pool, batch_size)
        batch_size = min(batch_size, int(pool.candidates.sum()))
        if batch_size == 0:
            return []
        rows, utilities = self.pick(pool, batch_size, random_state)
        return choices(rows, utilities, self.explain(pool, rows))


def check_request(acquisition: Acquisition, pool: Pool, batch_size: int) -> None:
    """Raise as `Acquisition.select` says."""
    if batch_size < 0:
        raise ValueError(f"batch_size must not be negative: {batch_size}")
    for name in acquisition.needs:
        pool.needed(name)


def choices(rows: Array, utilities: Array, whys: Sequence[Why]) -> list[Choice]:
    """Choices of plain Python numbers."""
    return [Choice(int(row), float(utility), why) for row, utility, why in zip(rows, utilities, whys, strict=True)]


def _mask(rows: Array | None, n: int) -> Array:
    return np.zeros(n, dtype=bool) if rows is None else np.asarray(rows, dtype=bool)


def _check_finite(name: str, values: Array) -> None:
    # By blocks: the mask of a million embeddings would take a quarter of a gigabyte.
    if not all(np.isfinite(values[start : start + _BLOCK_ROWS]).all() for start in range(0, len(values), _BLOCK_ROWS)):
        raise ValueError(f"{name} holds numbers that are not finite")


def _check_distributions(name: str, probas: Array, n: int) -> None:
    if np.ndim(probas) != 2 or len(probas) != n or np.shape(probas)[1] < 2:
        raise ValueError(f"{name} must be ({n}, K) with K >= 2, not {np.shape(probas)}")
    _check_finite(name, probas)
    if np.min(probas, initial=0.0) < -1e-9 or not np.allclose(np.sum(probas, axis=1), 1.0, atol=_SUM_TOLERANCE):
        raise ValueError(f"every row of {name} must be a distribution")
