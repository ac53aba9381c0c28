"""A query batch: what acquisition functions choose, a random share, a blind share and an evaluation share."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Literal

import numpy as np

from classifier.core.acquisition import ACQUISITIONS, Choice, Missing, Pool, utilities
from classifier.core.acquisition.contract import Code
from classifier.core.acquisition.margin import margin
from classifier.core.contracts import Array
from classifier.core.recipe import Recipe, quotas

Reason = Literal[Code, "random", "evaluation"]
#: A photo is hard when its two likeliest stages are within a fifth of each other. Lower bars let the cap keep out what
#: is worth most: at 0.5 the recipe needed more labels than random on real photos.
HARD_MARGIN = 0.8

COLD_START_LABELS = 100
COLD_START_PER_STAGE = 5
COLD_START_SHARE = 0.03


@dataclasses.dataclass(frozen=True, slots=True)
class Pick:
    """A photo to ask about.

    Parameters
    ----------
    index : int
        Row in the pool.
    utility : float
        Expected stage error (margin without an order); 0 without probabilities.
    reason : str
        A code of ``acquisition.Why``, ``"random"`` or ``"evaluation"``.
    boundary : int or None
        Position below the doubtful boundary when the reason is ``"boundary"``.
    is_blind : bool
        Whether the suggestion must be hidden, which measures anchoring.
    acquisition : str
        Name of the function that chose it; "" for random and evaluation photos.
    facts : mapping of str to float
        Numbers for the sentence on the bench.
    """

    index: int
    utility: float
    reason: Reason
    boundary: int | None
    is_blind: bool
    acquisition: str = ""
    facts: Mapping[str, float] = dataclasses.field(default_factory=dict)


def cold_start_labels(n_photos: int, n_stages: int) -> int:
    """How many labels the cold start gives: 3 % of the photos, at least 5 a stage, at most 100."""
    return int(min(COLD_START_LABELS, max(COLD_START_PER_STAGE * n_stages, COLD_START_SHARE * n_photos)))


def is_hard(probas: Array) -> Array:
    """Mask (n,) of photos that an expert must look at twice, as far as the model can tell."""
    return margin(probas) >= HARD_MARGIN


def compose(
    pool: Pool, recipe: Recipe, batch_size: int, *, is_evaluation: Array | None = None, random_state: int = 0
) -> list[Pick]:
    """Compose the next query batch, in the order it should be asked.

    The random share is drawn first and evenly, and only then the rest is chosen from what is left: photos chosen for
    their doubt are a biased sample. (A burst still gives one photo a batch, which costs the draw a share of the order
    of batch size times burst size over pool size.) Evaluation photos are always blind, for a suggestion would bend the
    very labels that judge the model.

    Parameters
    ----------
    pool : Pool
        Without `Pool.probas` the batch is a cold start.
    recipe : Recipe
    batch_size : int
    is_evaluation : ndarray of shape (n,), bool, optional
        Rows that are held out: only picked for the evaluation share, blind.
    random_state : int

    Returns
    -------
    list of Pick
        At most `batch_size`, no row and no burst twice.
    """
    rng = np.random.default_rng(random_state)
    held_out = np.zeros(len(pool), dtype=bool) if is_evaluation is None else np.asarray(is_evaluation, dtype=bool)
    bursts = pool.burst_codes()
    evaluation = _drawn(pool.candidates & held_out, bursts, _places(recipe.evaluation_share, batch_size), rng)
    pool = pool.without(held_out & ~pool.labelled)
    room = batch_size - len(evaluation)
    is_open = pool.candidates & ~np.isin(bursts, bursts[evaluation])
    random_rows = _drawn(is_open, bursts, min(_places(recipe.random_share, batch_size), room), rng)
    drawn = np.concatenate([evaluation, random_rows])
    chosen = _chosen(pool, recipe, batch_size, drawn, int(rng.integers(2**31)))

    worth = np.zeros(len(pool)) if pool.probas is None else utilities(pool.probas, is_ordered=pool.is_ordered)
    picks = [
        Pick(
            choice.index,
            float(worth[choice.index]),
            choice.why.code,
            choice.why.boundary,
            is_blind=False,
            acquisition=name,
            facts=choice.why.facts,
        )
        for name, choice in chosen
    ]
    others = [Pick(int(row), float(worth[row]), "random", None, is_blind=False) for row in random_rows]
    others += [Pick(int(row), float(worth[row]), "evaluation", None, is_blind=True) for row in evaluation]
    return _blinded(_interleave(picks, others, rng), recipe.blind_share, rng)


def compose_batch(
    *,
    embeddings: Array,
    groups: Array,
    batch_size: int,
    probas: Array | None = None,
    is_ordered: bool = True,
    is_evaluation: Array | None = None,
    is_labelled: Array | None = None,
    random_share: float = 0.1,
    blind_share: float = 0.1,
    evaluation_share: float = 0.1,
    random_state: int = 0,
) -> list[Pick]:
    """`compose` by the default recipe, from bare arrays.

    Parameters
    ----------
    embeddings : ndarray of shape (n, d)
    groups : ndarray of shape (n,)
    batch_size : int
    probas : ndarray of shape (n, K), optional
        Without them the batch is a cold start: typical photos of every region first.
    is_ordered : bool
    is_evaluation, is_labelled : ndarray of shape (n,), bool, optional
    random_share, blind_share, evaluation_share : float
        Shares of the batch, 0..1.
    random_state : int

    Returns
    -------
    list of Pick
    """
    pool = Pool(embeddings, is_labelled=is_labelled, groups=groups, probas=probas, is_ordered=is_ordered)
    recipe = Recipe(random_share=random_share, blind_share=blind_share, evaluation_share=evaluation_share)
    return compose(pool, recipe, batch_size, is_evaluation=is_evaluation, random_state=random_state)


def _places(share: float, batch_size: int) -> int:
    return round(share * batch_size)


def _drawn(is_open: Array, bursts: Array, n: int, rng: np.random.Generator) -> Array:
    """`n` open rows by chance, one of a burst."""
    rows = rng.permutation(np.flatnonzero(is_open))
    # Twice as many as wanted nearly always hold enough different bursts; else all are looked at.
    for candidates in (rows[: 2 * n], rows):
        _, first = np.unique(bursts[candidates], return_index=True)
        if len(first) >= n:
            break
    return candidates[np.sort(first)][:n]


def _chosen(pool: Pool, recipe: Recipe, batch_size: int, drawn: Array, random_state: int) -> list[tuple[str, Choice]]:
    """What the acquisition functions choose, in turns of one each, within the cap on hard photos."""
    n = batch_size - len(drawn)
    choosing = _Choosing(pool, drawn, random_state)
    if pool.probas is None:
        choosing.take(recipe.cold_start, n)
        return choosing.taken
    hard = is_hard(pool.probas)
    most_hard = max(int(recipe.hard_cap * batch_size) - int(hard[drawn].sum()), 0)
    main = next(iter(recipe.chosen))
    given = missing = 0
    for name, quota in quotas(recipe.chosen, n).items():
        given += quota
        # Each has its part of the hard photos, and what those before it left over.
        missing += choosing.take(name, quota, hard=hard, most_hard=round(most_hard * given / max(n, 1)))
    choosing.take(main, missing, hard=hard, most_hard=most_hard)
    choosing.take(main, n - len(choosing.taken), hard=hard, most_hard=0)
    # Nothing easy is left, so hard photos are better than none.
    choosing.take(main, n - len(choosing.taken))
    return _in_turns(choosing.taken)


class _Choosing:
    """Choices so far, and the pool without their bursts."""

    def __init__(self, pool: Pool, drawn: Array, random_state: int) -> None:
        self._bursts = pool.burst_codes()
        # What is drawn will be labelled with this batch: it covers its region, and its burst is used.
        labelled = pool.labelled.copy()
        labelled[drawn] = True
        self._pool = pool.with_masks(is_labelled=labelled, bursts=self._bursts, groups=pool.group_codes())
        self._random_state = random_state
        self.taken: list[tuple[str, Choice]] = []
        self._n_hard = 0
        self._bar(drawn)

    def take(self, name: str, n: int, *, hard: Array | None = None, most_hard: int = 0) -> int:
        """Take `n` photos by `name`, none that is hard beyond `most_hard` in all; how many it could not name."""
        if n <= 0:
            return 0
        pool = self._pool
        if hard is not None and self._n_hard >= most_hard:
            pool = pool.without(hard)
        try:
            choices = ACQUISITIONS[name].select(pool, n, random_state=self._random_state)
        except Missing:
            return n
        for choice in choices:
            if hard is not None and hard[choice.index]:
                if self._n_hard >= most_hard:
                    continue
                self._n_hard += 1
            self.taken.append((name, choice))
        self._bar(np.array([choice.index for _, choice in self.taken], dtype=np.int64))
        return n - len(choices)

    def _bar(self, rows: Array) -> None:
        self._pool = self._pool.without(np.isin(self._bursts, self._bursts[rows]))


def _in_turns(taken: list[tuple[str, Choice]]) -> list[tuple[str, Choice]]:
    """Spread each function's choices evenly, so that a batch that is cut short has its shares all the same."""
    counts: dict[str, int] = {}
    for name, _ in taken:
        counts[name] = counts.get(name, 0) + 1
    seen: dict[str, int] = {}
    places = []
    for name, choice in taken:
        seen[name] = seen.get(name, 0) + 1
        places.append(((seen[name] - 0.5) / counts[name], name, choice))
    return [(name, choice) for _, name, choice in sorted(places, key=lambda place: place[0])]


def _interleave(picks: list[Pick], others: list[Pick], rng: np.random.Generator) -> list[Pick]:
    """Spread the other picks evenly: an expert who stops half-way has still done their share."""
    others = [others[i] for i in rng.permutation(len(others))]
    places = [((i + 0.5) / max(len(picks), 1), pick) for i, pick in enumerate(picks)]
    places += [((i + 0.5) / max(len(others), 1), pick) for i, pick in enumerate(others)]
    return [pick for _, pick in sorted(places, key=lambda place: place[0])]


def _blinded(picks: list[Pick], blind_share: float, rng: np.random.Generator) -> list[Pick]:
    open_places = [i for i, pick in enumerate(picks) if pick.reason != "evaluation"]
    hidden = set(rng.permutation(open_places)[: _places(blind_share, len(picks))].tolist())
    return [dataclasses.replace(pick, is_blind=True) if i in hidden else pick for i, pick in enumerate(picks)]
