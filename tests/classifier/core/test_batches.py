import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.core.acquisition import diverse_batch
from classifier.core.batches import cold_start_labels, compose, compose_batch, is_hard
from classifier.core.ordinal import soft_targets
from classifier.core.recipe import Recipe, quotas
from tests.classifier.core.pools import full_pool
from tests.classifier.core.strategies import distributions


@given(distributions(), st.floats(0.05, 2))
def test_soft_targets_stay_distributions_and_need_an_order(targets, tau):
    assert np.allclose(soft_targets(targets, tau).sum(axis=1), 1, atol=1e-5)
    assert np.allclose(soft_targets(targets, tau, is_ordered=False), targets, atol=1e-6)


@given(st.integers(1, 60), st.integers(0, 40), st.integers(1, 8), st.integers(0, 5))
def test_diverse_batch_is_a_set_and_takes_one_a_group_first(n, batch_size, n_groups, seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, n_groups, n)
    picks = diverse_batch(rng.random(n), rng.normal(size=(n, 4)), groups, batch_size, seed)
    assert len(picks) == len(set(picks)) == min(n, batch_size)
    first = picks[: len(set(groups))]
    assert len(set(groups[first])) == len(first)


def test_diverse_batch_avoids_twins():
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    picks = diverse_batch(np.array([1.0, 0.99, 0.5]), vectors, np.arange(3), 2)
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


class TestRecipe:
    MIX = Recipe({"margin": 2, "season_surprise": 1, "timeline_violation": 1}, hard_cap=1.0)

    @settings(max_examples=25)
    @given(n=st.integers(1, 80), batch_size=st.integers(0, 40), cap=st.floats(0, 1), seed=st.integers(0, 5))
    def test_a_batch_is_a_set_of_bursts_and_as_large_as_can_be(self, n, batch_size, cap, seed):
        pool = full_pool(n, seed)
        is_evaluation = np.arange(n) % 5 == 4
        recipe = Recipe({"margin": 1, "badge": 1, "typical": 1}, hard_cap=cap)
        picks = compose(pool, recipe, batch_size, is_evaluation=is_evaluation, random_state=seed)
        bursts = [pool.bursts[pick.index] for pick in picks]
        assert len(set(bursts)) == len(bursts) <= batch_size
        assert not any(pool.is_labelled[pick.index] for pick in picks)
        n_evaluation = sum(pick.reason == "evaluation" for pick in picks)
        assert n_evaluation <= round(0.1 * batch_size)
        spare = {pool.bursts[row] for row in np.flatnonzero(~pool.is_labelled & ~is_evaluation)} - set(bursts)
        assert len(picks) == batch_size or not spare

    def test_weights_are_kept_and_every_pick_is_explained(self):
        picks = compose(full_pool(600), self.MIX, 100)
        by_name = {name: [pick for pick in picks if pick.acquisition == name] for name in [*self.MIX.chosen, ""]}
        # No evaluation photos were given, so 90 are chosen.
        assert [len(by_name[name]) for name in self.MIX.chosen] == [45, 23, 22]
        assert {pick.reason for pick in by_name["margin"]} <= {"boundary", "uncertain"}
        assert {pick.reason for pick in by_name["season_surprise"]} == {"season"}
        assert {pick.reason for pick in by_name["timeline_violation"]} == {"timeline"}
        assert {pick.reason for pick in by_name[""]} == {"random"}
        assert all(pick.facts for pick in picks if pick.acquisition)

    def test_the_first_quarter_has_its_shares(self):
        first = compose(full_pool(600), self.MIX, 100)[:24]
        counts = [sum(pick.acquisition == name for pick in first) for name in self.MIX.chosen]
        assert counts[0] in range(9, 14)
        assert counts[1] in range(4, 8)
        assert sum(pick.reason == "random" for pick in first) in (2, 3)

    def test_what_cannot_be_told_goes_to_the_first(self):
        picks = compose(full_pool(200, season_probas=None, days=None), self.MIX, 40)
        assert len(picks) == 40
        assert {pick.acquisition for pick in picks} == {"margin", ""}

    def test_at_most_half_is_hard(self):
        pool = full_pool(400, probas=half_hard(400))
        picks = compose(pool, Recipe({"margin": 1}), 60)
        hard = is_hard(pool.probas)
        assert sum(hard[pick.index] for pick in picks) == 30
        assert {pick.acquisition for pick in picks if not hard[pick.index]} == {"margin", ""}
        free = compose(pool, Recipe({"margin": 1}, hard_cap=1.0), 60)
        assert sum(hard[pick.index] for pick in free) >= 54

    def test_each_function_has_its_part_of_the_hard_photos(self):
        pool = full_pool(400, probas=half_hard(400))
        picks = compose(pool, Recipe({"margin": 1, "entropy": 1}), 80)
        hard = is_hard(pool.probas)
        n_hard = [sum(hard[pick.index] for pick in picks if pick.acquisition == name) for name in ("margin", "entropy")]
        assert sum(hard[pick.index] for pick in picks) == 40
        assert abs(n_hard[0] - n_hard[1]) <= 1

    def test_hard_photos_are_better_than_none(self):
        pool = full_pool(100, probas=np.full((100, 5), 0.2))
        picks = compose(pool, Recipe(), 30)
        assert len(picks) == 30
        assert sum(pick.acquisition == "margin" for pick in picks) == 27

    def test_random_share_is_drawn_evenly_whatever_the_doubt(self):
        """300 batches: how often a photo is drawn does not depend on what the model says of it."""
        probas = half_hard(100)
        pool = full_pool(100, n_labelled=0, probas=probas, bursts=None)
        counts = np.zeros(100)
        for seed in range(300):
            picks = compose(pool, Recipe({"margin": 1}, random_share=0.5, hard_cap=1), 20, random_state=seed)
            counts[[pick.index for pick in picks if pick.reason == "random"]] += 1
        assert counts.sum() == 3000
        # 30 draws expected, variance 27: chi-square of 99 degrees of freedom, far tails.
        assert 55 < ((counts - 30) ** 2 / 27).sum() < 160
        assert abs(counts[is_hard(probas)].sum() - 1500) < 100

    def test_blind_photos_are_spread_over_the_reasons(self):
        blind = [0, 0]
        for seed in range(20):
            for pick in compose(full_pool(300), Recipe(blind_share=0.3, random_share=0.5), 60, random_state=seed):
                blind[pick.reason == "random"] += pick.is_blind
        assert blind[0] == pytest.approx(blind[1], rel=0.25)
        assert sum(blind) == 20 * 18

    def test_a_second_look_asks_labelled_photos_and_nothing_twice(self):
        pool = full_pool(200)
        picks = compose(pool, Recipe({"margin": 3, "suspected_error": 1}, hard_cap=1), 40)
        again = [pick for pick in picks if pick.acquisition == "suspected_error"]
        assert len(again) == 9
        assert all(pool.is_labelled[pick.index] and pick.reason == "relabel" for pick in again)
        assert len({pool.bursts[pick.index] for pick in picks}) == 40

    def test_cold_start_covers_around_what_is_drawn(self):
        pool = full_pool(200, probas=None)
        assert {pick.reason for pick in compose(pool, Recipe(), 40)} == {"diverse", "random"}

    def test_same_seed_same_batch(self):
        pool = full_pool(200)
        assert compose(pool, self.MIX, 40, random_state=1) == compose(pool, self.MIX, 40, random_state=1)
        assert compose(pool, self.MIX, 40, random_state=1) != compose(pool, self.MIX, 40, random_state=2)

    def test_goes_through_json(self):
        recipe = Recipe({"badge": 2.0, "boundary": 1.0}, random_share=0.2, hard_cap=0.4)
        assert Recipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"random_share": 1.2}, "random_share"),
            ({"hard_cap": -0.1}, "hard_cap"),
            ({"chosen": {"magic": 1}}, "magic"),
            ({"cold_start": "warm"}, "warm"),
            ({"chosen": {}}, "weights"),
            ({"chosen": {"margin": -1, "badge": 2}}, "weights"),
            ({"random_share": 0.6, "evaluation_share": 0.6}, "together"),
        ],
    )
    def test_impossible_recipes_are_refused(self, changes, message):
        with pytest.raises(ValueError, match=message):
            Recipe(**changes)

    def test_typing_errors_are_seen(self):
        with pytest.raises(ValueError, match="randomshare"):
            Recipe.from_dict({"randomshare": 0.1})


@given(st.lists(st.floats(0, 10), min_size=1, max_size=6).filter(lambda w: sum(w) > 0.1), st.integers(0, 200))
def test_quotas_sum_up_and_are_within_one(weights, n):
    dealt = quotas(dict(enumerate(weights)), n)
    assert sum(dealt.values()) == n
    for name, weight in enumerate(weights):
        assert abs(dealt[name] - n * weight / sum(weights)) < 1 + 1e-6


@pytest.mark.parametrize(("n_photos", "n_stages", "labels"), [(100, 3, 15), (2000, 7, 60), (100_000, 7, 100)])
def test_cold_start_grows_with_the_project(n_photos, n_stages, labels):
    assert cold_start_labels(n_photos, n_stages) == labels


def half_hard(n):
    """Every other photo between two stages."""
    probas = 0.9 * np.eye(5)[np.arange(n) % 5] + 0.02
    probas[::2] = [0.02, 0.47, 0.47, 0.02, 0.02]
    return probas
