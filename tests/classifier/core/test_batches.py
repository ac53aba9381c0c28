import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.core import acquisition
from classifier.core.batches import compose_batch
from classifier.core.ordinal import soft_targets
from tests.classifier.core.strategies import distributions


@given(distributions(), st.floats(0.05, 2))
def test_soft_targets_stay_distributions_and_need_an_order(targets, tau):
    assert np.allclose(soft_targets(targets, tau).sum(axis=1), 1, atol=1e-5)
    assert np.allclose(soft_targets(targets, tau, is_ordered=False), targets, atol=1e-6)


@given(st.integers(1, 60), st.integers(0, 40), st.integers(1, 8), st.integers(0, 5))
def test_diverse_batch_is_a_set_and_takes_one_a_group_first(n, batch_size, n_groups, seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, n_groups, n)
    picks = acquisition.diverse_batch(rng.random(n), rng.normal(size=(n, 4)), groups, batch_size, seed)
    assert len(picks) == len(set(picks)) == min(n, batch_size)
    first = picks[: len(set(groups))]
    assert len(set(groups[first])) == len(first)


def test_diverse_batch_avoids_twins():
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    picks = acquisition.diverse_batch(np.array([1.0, 0.99, 0.5]), vectors, np.arange(3), 2)
    assert picks.tolist() == [0, 2]


class TestComposeBatch:
    rng = np.random.default_rng(0)
    n = 200
    embeddings = rng.normal(size=(n, 8))
    groups = np.arange(n)
    probas = rng.dirichlet(np.ones(5), n)
    is_evaluation = np.arange(n) < 40
    is_labelled = np.arange(n) % 7 == 0

    def compose(self, **changes):
        given = {
            "embeddings": self.embeddings,
            "groups": self.groups,
            "batch_size": 40,
            "probas": self.probas,
            "is_evaluation": self.is_evaluation,
            "is_labelled": self.is_labelled,
            "random_share": 0.2,
            "blind_share": 0.25,
            "evaluation_share": 0.1,
        }
        return compose_batch(**{**given, **changes})

    def test_shares_are_kept(self):
        picks = self.compose()
        reasons = [pick.reason for pick in picks]
        assert len({pick.index for pick in picks}) == len(picks) == 40
        assert reasons.count("random") == 8
        assert reasons.count("evaluation") == 4
        assert sum(pick.is_blind for pick in picks if pick.reason != "evaluation") == 10

    def test_held_out_photos_only_evaluate_and_always_blind(self):
        for pick in self.compose():
            assert (pick.reason == "evaluation") == self.is_evaluation[pick.index]
            assert pick.is_blind or pick.reason != "evaluation"
            assert not self.is_labelled[pick.index]

    def test_boundary_is_where_the_doubt_lies(self):
        probas = np.tile([0.0, 0.0, 0.5, 0.5, 0.0], (self.n, 1))
        chosen = [pick for pick in self.compose(probas=probas) if pick.reason == "boundary"]
        assert len(chosen) == 28
        assert {pick.boundary for pick in chosen} == {2}

    @pytest.mark.parametrize("is_ordered", [True, False])
    def test_doubtful_photos_come_in(self, is_ordered):
        probas = np.tile(np.eye(5)[0], (self.n, 1))
        probas[150:160] = 0.2
        picks = self.compose(probas=probas, is_ordered=is_ordered, random_share=0.0)
        wanted = {row for row in range(150, 160) if not self.is_labelled[row]}
        assert wanted <= {pick.index for pick in picks}

    def test_cold_start_is_diverse(self):
        picks = self.compose(probas=None, random_share=0.0)
        assert {pick.reason for pick in picks} == {"diverse", "evaluation"}

    def test_a_small_pool_gives_what_there_is(self):
        picks = self.compose(is_labelled=np.arange(self.n) >= 45)
        assert {pick.index for pick in picks} <= set(range(45))
        assert len({pick.index for pick in picks}) == len(picks) == 9
