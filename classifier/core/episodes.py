"""Episodes: small classification tasks drawn from labelled rows, by which few-shot learners train."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from classifier.core.contracts import Array


@dataclasses.dataclass(frozen=True, slots=True)
class Episode:
    """One task: tell `n_way` classes apart from `k_shot` examples of each.

    Parameters
    ----------
    classes : ndarray of shape (n_way,), int
        In the order of the rows below; an episode's own label of a class is its place here.
    support_idx : ndarray of shape (n_way, k_shot), int
        Rows of the examples.
    query_idx : ndarray of shape (n_way, n_queries), int
        Rows to classify; none is in `support_idx`.
    """

    classes: Array
    support_idx: Array
    query_idx: Array

    @property
    def query_labels(self) -> Array:
        """Episode labels of ``query_idx.ravel()``, int (n_way * n_queries,)."""
        return np.repeat(np.arange(len(self.classes)), self.query_idx.shape[1])


def rows_by_class(labels: Array, n_classes: int) -> list[Array]:
    """List the rows of each class 0 .. n_classes-1; classes may be empty."""
    labels = np.asarray(labels)
    order = np.argsort(labels, kind="stable")
    ends = np.searchsorted(labels[order], np.arange(n_classes + 1))
    return [order[start:end] for start, end in itertools.pairwise(ends)]


def sample_episode(
    rows: Sequence[Array], classes: Array, *, k_shot: int, n_queries: int, rng: np.random.Generator
) -> Episode:
    """Draw an episode of the given classes.

    Parameters
    ----------
    rows : sequence of ndarray of int
        Of every class, as `rows_by_class` lists them.
    classes : ndarray of shape (n_way,), int
        Each with at least ``k_shot + n_queries`` rows.
    k_shot, n_queries : int
        Examples and rows to classify of each class.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        A class has too few rows.

    References
    ----------
    .. [1] Vinyals et al., "Matching Networks for One Shot Learning", NeurIPS 2016 (training as one will test).
    """
    wanted = k_shot + n_queries
    for label in classes:
        if len(rows[label]) < wanted:
            raise ValueError(f"class {label} has {len(rows[label])} rows, an episode needs {wanted}")
    drawn = np.stack([rng.choice(rows[label], wanted, replace=False) for label in classes])
    return Episode(np.asarray(classes), drawn[:, :k_shot], drawn[:, k_shot:])


def neighbouring_classes(usable: Array, n_way: int, *, is_ordered: bool, rng: np.random.Generator) -> Array:
    """Choose the classes of an episode: a run of neighbours where the classes have an order, else any.

    Episodes of unlike classes teach nothing about telling like ones apart: on breeds of dogs Matching Networks lost
    to a plain classifier for that reason [1]_.

    Parameters
    ----------
    usable : ndarray of int
        Classes with rows enough, ascending.
    n_way : int
        Lowered to the number of usable classes.
    is_ordered : bool
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (min(n_way, len(usable)),), int
        Shuffled, so that a place says nothing about a stage.

    References
    ----------
    .. [1] Vinyals et al., "Matching Networks for One Shot Learning", NeurIPS 2016, section 4.1.3.
    """
    usable = np.asarray(usable)
    n_way = min(n_way, len(usable))
    if not is_ordered:
        return rng.permutation(usable)[:n_way]
    start = int(rng.integers(0, len(usable) - n_way + 1))
    return rng.permutation(usable[start : start + n_way])


def sample_sequence(
    rows: Sequence[Array], classes: Array, *, n_each: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw one sequence for a learner with a memory: `n_each` rows of each class in a random order.

    Parameters
    ----------
    rows, classes, rng
        As for `sample_episode`; the order of `classes` binds labels anew in every sequence, without which a learner
        memorises classes instead of remembering them.
    n_each : int

    Returns
    -------
    rows, labels : ndarray of shape (n_way * n_each,), int
        A label is the place of the class in `classes`.

    References
    ----------
    .. [1] Santoro et al., "Meta-Learning with Memory-Augmented Neural Networks", ICML 2016, section 2.
    """
    episode = sample_episode(rows, classes, k_shot=n_each, n_queries=0, rng=rng)
    drawn = episode.support_idx.ravel()
    labels = np.repeat(np.arange(len(classes)), n_each)
    order = rng.permutation(len(drawn))
    return drawn[order], labels[order]


def sights(labels: Array) -> Array:
    """Number the occurrences of each label along sequences (..., T): 1 for its first sight, 2 for the second, ..."""
    labels = np.asarray(labels)
    same = labels[..., :, None] == labels[..., None, :]
    return np.tril(same).sum(axis=-1)
