"""What every acquisition function must keep, run for all of them."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.core.acquisition import ACQUISITIONS, Choice, Missing, Pool
from classifier.core.acquisition.ration import encoded
from tests.classifier.core.pools import N_STAGES, arrays_of, full_pool

CODES = {"boundary", "uncertain", "diverse", "disagree", "season", "timeline", "relabel"}
DISTRIBUTIONS = ("probas", "season_probas", "member_probas")


@pytest.fixture(params=sorted(ACQUISITIONS))
def acquisition(request):
    return ACQUISITIONS[request.param]


def allowed(acquisition, pool):
    """Rows that may be chosen: the labelled ones for a second look, the others for all else."""
    if acquisition.name == "suspected_error":
        return set(np.flatnonzero(pool.labelled & (pool.labels >= 0)))
    return set(np.flatnonzero(pool.candidates))


def rows(choices):
    return [choice.index for choice in choices]


def test_choices_are_plain_and_explained(acquisition):
    choices = acquisition.select(full_pool(), 10)
    assert len(choices) == (10 if acquisition.name != "suspected_error" else 8)
    for choice in choices:
        assert isinstance(choice, Choice)
        assert type(choice.index) is int
        assert type(choice.utility) is float
        assert np.isfinite(choice.utility)
        assert choice.why.code in CODES
        assert len(choice.why.code) <= 10
        assert (choice.why.boundary is not None) == (choice.why.code == "boundary")
        assert all(type(value) is float and np.isfinite(value) for value in choice.why.facts.values())


@settings(max_examples=15)
@given(n=st.integers(1, 50), labelled=st.floats(0, 1), batch_size=st.integers(0, 30), seed=st.integers(0, 3))
@pytest.mark.parametrize("name", sorted(ACQUISITIONS))
def test_rows_are_allowed_and_rationed(name, n, labelled, batch_size, seed):
    acquisition = ACQUISITIONS[name]
    pool = full_pool(n, seed, n_labelled=round(labelled * n))
    chosen = rows(acquisition.select(pool, batch_size, random_state=seed))
    open_rows = allowed(acquisition, pool)
    assert len(chosen) == len(set(chosen)) <= batch_size
    assert set(chosen) <= open_rows
    bursts = [pool.bursts[row] for row in chosen]
    assert len(set(bursts)) == len(bursts), "two photos of one burst"
    assert len(chosen) == min(batch_size, len({pool.bursts[row] for row in open_rows})), "stopped early"
    if name != "drop_query":  # where nothing but a shaky photo is considered, groups without one do not count
        assert_groups_take_turns(pool, chosen, open_rows)


def assert_groups_take_turns(pool, chosen, open_rows):
    """No group gives another photo while a group that could still give one has given fewer."""
    given_by = {pool.groups[row]: 0 for row in open_rows}
    used_bursts = set()
    for row in chosen:
        able = {pool.groups[r] for r in open_rows if pool.bursts[r] not in used_bursts}
        assert given_by[pool.groups[row]] == min(given_by[group] for group in able)
        given_by[pool.groups[row]] += 1
        used_bursts.add(pool.bursts[row])


def test_same_seed_same_choices(acquisition):
    pool = full_pool(80)
    assert acquisition.select(pool, 12, random_state=3) == acquisition.select(pool, 12, random_state=3)


def test_pool_is_not_touched(acquisition):
    pool = full_pool()
    before = arrays_of(pool)
    for array in (getattr(pool, name) for name in before):
        array.setflags(write=False)
    acquisition.select(pool, 10)
    for name, array in before.items():
        assert np.array_equal(getattr(pool, name), array), name


def test_barred_rows_are_left_out(acquisition):
    pool = full_pool()
    barred = np.zeros(60, bool)
    barred[::3] = True
    chosen = rows(acquisition.select(dataclasses.replace(pool, is_barred=barred), 30))
    assert chosen
    assert not any(barred[row] for row in chosen)


def test_nothing_left_gives_nothing(acquisition):
    everything = full_pool(n_labelled=60) if acquisition.name != "suspected_error" else full_pool(n_labelled=0)
    assert acquisition.select(everything, 5) == []
    assert acquisition.select(full_pool(), 0) == []


def test_one_photo(acquisition):
    pool = full_pool(1, n_labelled=1 if acquisition.name == "suspected_error" else 0)
    assert rows(acquisition.select(pool, 5)) == [0]


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_equal_photos_are_no_error(acquisition):
    pool = full_pool(
        20, embeddings=np.ones((20, 8)), probas=np.full((20, N_STAGES), 1 / N_STAGES), bursts=None, groups=None
    )
    assert len(acquisition.select(pool, 4)) == 4


def test_what_is_missing_is_named(acquisition):
    for name in acquisition.needs:
        with pytest.raises(Missing, match=name):
            acquisition.select(dataclasses.replace(full_pool(), **{name: None}), 5)


def test_negative_batch_is_refused(acquisition):
    with pytest.raises(ValueError, match="batch_size"):
        acquisition.select(full_pool(), -1)


def test_float16_embeddings_do(acquisition):
    pool = full_pool()
    assert len(acquisition.select(dataclasses.replace(pool, embeddings=pool.embeddings.astype(np.float16)), 8)) == 8


class TestPool:
    @pytest.mark.parametrize("name", ["embeddings", "days", *DISTRIBUTIONS])
    def test_numbers_that_are_not_finite_are_refused(self, name):
        broken = np.array(getattr(full_pool(), name), dtype=float)
        broken[(0,) * broken.ndim] = np.nan
        with pytest.raises(ValueError, match=name):
            full_pool(**{name: broken})

    @pytest.mark.parametrize("name", DISTRIBUTIONS)
    def test_rows_must_be_distributions(self, name):
        with pytest.raises(ValueError, match=name):
            full_pool(**{name: np.asarray(getattr(full_pool(), name)) * 2.0})
        flipped = np.array(getattr(full_pool(), name))
        flipped[..., 0, 0], flipped[..., 0, 1] = -0.5, flipped[..., 0, 1] + flipped[..., 0, 0] + 0.5
        with pytest.raises(ValueError, match=name):
            full_pool(**{name: flipped})

    @pytest.mark.parametrize("name", ["is_labelled", "is_barred", "groups", "bursts", "labels", "days", "plants"])
    def test_columns_must_fit(self, name):
        with pytest.raises(ValueError, match=name):
            full_pool(**{name: np.zeros(59)})

    @pytest.mark.parametrize("shape", [(60,), (60, 2, 2)])
    def test_embeddings_must_be_a_matrix(self, shape):
        with pytest.raises(ValueError, match="embeddings"):
            Pool(np.zeros(shape))

    def test_without_bars_more_rows(self):
        pool = full_pool(n_labelled=0).without(np.array([1, 2])).without(np.array([5]))
        assert np.flatnonzero(~pool.candidates).tolist() == [1, 2, 5]


@given(names=st.lists(st.integers(-3, 3), max_size=12))
def test_groups_may_be_numbers_as_well_as_names(names):
    numbers = encoded(np.array(names, np.int64), len(names))
    texts = encoded(np.array([str(name) for name in names], dtype=object), len(names))
    assert [list(numbers).index(n) for n in numbers] == [list(texts).index(n) for n in texts]
    assert set(numbers) == set(range(len(set(names))))
