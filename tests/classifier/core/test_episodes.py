from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.core.episodes import neighbouring_classes, rows_by_class, sample_episode, sample_sequence, sights

LABELS = np.random.default_rng(0).integers(0, 6, 90)
ROWS = rows_by_class(LABELS, 7)


def test_rows_are_listed_by_class_and_a_class_may_be_empty():
    assert [len(rows) for rows in ROWS] == [*np.bincount(LABELS), 0]
    assert all((LABELS[rows] == label).all() for label, rows in enumerate(ROWS))


@given(st.integers(1, 3), st.integers(1, 4), st.integers(0, 2**31))
def test_an_episode_never_asks_about_its_own_examples(k_shot, n_queries, seed):
    rng = np.random.default_rng(seed)
    classes = rng.permutation(6)[:4]
    episode = sample_episode(ROWS, classes, k_shot=k_shot, n_queries=n_queries, rng=rng)
    assert episode.support_idx.shape == (4, k_shot)
    assert episode.query_idx.shape == (4, n_queries)
    rows = np.concatenate([episode.support_idx, episode.query_idx], axis=1)
    assert len(np.unique(rows)) == rows.size
    assert (LABELS[rows] == classes[:, None]).all()
    assert (LABELS[episode.query_idx.ravel()] == classes[episode.query_labels]).all()


def test_a_class_with_too_few_rows_is_named():
    with pytest.raises(ValueError, match="class 6 has 0 rows, an episode needs 3"):
        sample_episode(ROWS, np.array([0, 6]), k_shot=1, n_queries=2, rng=np.random.default_rng(0))


@given(st.integers(2, 9), st.integers(1, 9), st.integers(0, 2**31))
def test_ordered_classes_of_an_episode_are_neighbours(n_usable, n_way, seed):
    usable = np.sort(np.random.default_rng(1).permutation(12)[:n_usable])
    chosen = neighbouring_classes(usable, n_way, is_ordered=True, rng=np.random.default_rng(seed))
    places = np.searchsorted(usable, np.sort(chosen))
    assert len(chosen) == min(n_way, n_usable)
    assert (np.diff(places) == 1).all()


def test_unordered_classes_are_any():
    rng = np.random.default_rng(0)
    drawn = [neighbouring_classes(np.arange(6), 2, is_ordered=False, rng=rng) for _ in range(50)]
    assert max(abs(int(a) - int(b)) for a, b in drawn) == 5


def test_a_sequence_holds_each_class_as_often_and_binds_labels_anew():
    rng = np.random.default_rng(0)
    firsts = set()
    for _ in range(20):
        classes = rng.permutation(3)
        rows, labels = sample_sequence(ROWS, classes, n_each=4, rng=rng)
        assert np.bincount(labels).tolist() == [4, 4, 4]
        assert (classes[labels] == LABELS[rows]).all()
        firsts.add(int(labels[LABELS[rows] == 0][0]))
    assert firsts == {0, 1, 2}


def test_sights_count_occurrences():
    assert sights([0, 1, 0, 0, 1, 2]).tolist() == [1, 1, 2, 3, 2, 1]
    assert sights([[2, 2], [0, 1]]).tolist() == [[1, 2], [1, 1]]
