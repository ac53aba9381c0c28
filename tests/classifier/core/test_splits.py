import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.core.splits import TooFewGroups, fold_pairs, grouped_folds

cases = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), min_size=2, max_size=120).filter(
    lambda rows: len({group for _, group in rows}) >= 2
)


@given(cases, st.integers(2, 6), st.integers(0, 3))
def test_groups_are_never_torn_and_folds_never_empty(rows, n_folds, seed):
    labels, groups = np.array(rows).T
    folds = grouped_folds(labels, groups, n_folds=n_folds, random_state=seed)
    assert all(len(set(folds[groups == group])) == 1 for group in set(groups))
    assert set(folds) == set(range(min(n_folds, len(set(groups)))))


@given(cases, st.integers(2, 6))
def test_pairs_partition_the_photos(rows, n_folds):
    labels, groups = np.array(rows).T
    pairs = fold_pairs(grouped_folds(labels, groups, n_folds=n_folds))
    assert sorted(np.concatenate([validation for _, validation in pairs])) == list(range(len(rows)))
    for train, validation in pairs:
        assert not set(groups[train]) & set(groups[validation])


def test_stages_are_spread_evenly_and_seeds_differ():
    labels, groups = np.repeat(np.arange(7), 60), np.arange(420) // 3
    folds = grouped_folds(labels, groups, n_folds=3, random_state=1)
    counts = np.array([np.bincount(labels[folds == fold], minlength=7) for fold in range(3)])
    assert (np.abs(counts - 20) <= 3).all()
    assert (folds == grouped_folds(labels, groups, n_folds=3, random_state=1)).all()
    assert (folds != grouped_folds(labels, groups, n_folds=3, random_state=2)).any()


def test_one_group_cannot_be_split():
    with pytest.raises(TooFewGroups):
        grouped_folds(np.array([0, 1, 2]), np.array(["a", "a", "a"]), n_folds=3)
