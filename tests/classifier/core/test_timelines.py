"""A plant never goes back a stage."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from classifier.core.conflict import stage_conflict, stage_lead
from classifier.core.timelines import (
    fit_stage_days,
    out_of_order,
    plant_rows,
    season_keys,
    smooth_plant,
    smooth_plants,
    transition_matrices,
)
from tests.classifier.core.strategies import distributions

K = 4


@st.composite
def visits(draw, max_photos=6, n_stages=K):
    """(probas (n, K), days (n,)) of one plant, in no order."""
    n = draw(st.integers(1, max_photos))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(n_stages, 0.5), n), rng.permutation(np.cumsum(rng.integers(0, 9, n)))


class TestTransitions:
    @given(st.lists(st.floats(0.5, 60), min_size=2, max_size=8), st.lists(st.floats(0, 90), max_size=8))
    def test_go_forward_only_and_sum_to_one(self, stage_days, gaps):
        matrices = transition_matrices(np.array(stage_days), np.array(gaps))
        assert np.allclose(matrices.sum(axis=2), 1)
        assert (matrices >= 0).all()
        assert (np.tril(matrices, -1) == 0).all()

    def test_two_steps_are_one_long_step(self):
        days = np.array([3.0, 5.0, 8.0, 1.0])
        short, longer, both = transition_matrices(days, np.array([2.0, 5.0, 7.0]))
        assert np.allclose(short @ longer, both)

    def test_no_time_no_move(self):
        assert np.allclose(transition_matrices(np.ones(3), np.zeros(1))[0], np.eye(3))

    def test_time_does_not_go_back(self):
        with pytest.raises(ValueError, match="time"):
            transition_matrices(np.ones(3), np.array([-1.0]))


class TestSmoothing:
    @settings(max_examples=40)
    @given(visits(max_photos=4))
    def test_is_what_the_sum_over_all_histories_gives(self, case):
        probas, days = case
        stray = 0.1
        found = smooth_plant(probas, days, stray_share=stray)
        order = np.argsort(days, kind="stable")
        moves = transition_matrices(np.full(K, 7.0), np.diff(days[order].astype(float)))
        seen = (1 - stray) * K * probas[order] + stray
        weight, best = np.zeros((len(days), K)), 0.0
        for history in product(range(K), repeat=len(days)):
            chance = _chance(history, seen, moves)
            for t, k in enumerate(history):
                weight[t, k] += chance
            best = max(best, chance)
        weight /= weight.sum(axis=1, keepdims=True)
        assert np.allclose(found.probas[order], weight)
        path = tuple(found.path[order])
        assert _chance(path, seen, moves) == pytest.approx(best)
        assert np.allclose(found.stray[order], (weight * stray / seen).sum(axis=1))

    @given(visits())
    def test_history_never_falls_and_rows_are_distributions(self, case):
        probas, days = case
        found = smooth_plant(probas, days)
        order = np.argsort(days, kind="stable")
        assert (np.diff(found.path[order]) >= 0).all()
        for rows in (found.probas, found.others):
            assert np.allclose(rows.sum(axis=1), 1)
        for values in (found.stray, found.conflict):
            assert (values >= 0).all()
            assert (values <= 1 + 1e-9).all()

    @given(visits(), st.integers(0, 99))
    def test_order_of_rows_does_not_matter(self, case, seed):
        probas, days = case
        days = days + np.arange(len(days)) * 0.01  # photos of the same moment keep the order they were given in
        shuffled = np.random.default_rng(seed).permutation(len(days))
        one, two = smooth_plant(probas, days), smooth_plant(probas[shuffled], days[shuffled])
        assert np.allclose(one.probas[shuffled], two.probas)
        assert np.allclose(one.stray[shuffled], two.stray)

    @given(visits(max_photos=1))
    def test_one_photo_alone_is_believed(self, case):
        found = smooth_plant(*case)
        assert np.allclose(found.others, 1 / K)
        assert (found.probas.argmax(axis=1) == case[0].argmax(axis=1)).all()
        assert not found.is_violation.any()

    def test_neighbours_settle_a_doubtful_photo(self):
        probas = np.array([[0.9, 0.1, 0, 0], [0.4, 0.2, 0.0, 0.4], [0.9, 0.1, 0, 0]])
        found = smooth_plant(probas, np.array([0.0, 3.0, 6.0]))
        assert found.probas[1, 3] < 0.01
        assert found.probas[1, 0] > 0.7

    def test_going_back_is_flagged_and_going_on_is_not(self):
        forward = 0.94 * np.eye(K)[[0, 0, 1, 2, 2, 3]] + 0.015
        days = 6.0 * np.arange(6)
        assert not smooth_plant(forward, days).is_violation.any()
        back = forward.copy()
        back[4] = forward[0]
        assert np.flatnonzero(smooth_plant(back, days).is_violation).tolist() == [4]

    def test_few_honest_photos_are_flagged(self):
        """Photos whose probabilities are calibrated and whose plants behave: the flag must stay rare."""
        rng = np.random.default_rng(0)
        flagged = []
        for _ in range(100):
            days = np.sort(rng.uniform(0, 28, 8))
            stages = np.searchsorted(np.cumsum(rng.exponential(7.0, K - 1)), days)
            logits = 2.5 * np.eye(K)[stages] + rng.normal(size=(8, K)) * 1.2
            probas = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            flagged.append(smooth_plant(probas, days).is_violation.mean())
        assert np.mean(flagged) < 0.05

    def test_plants_are_apart_and_photos_without_one_alone(self):
        rng = np.random.default_rng(1)
        probas, days = rng.dirichlet(np.ones(K), 7), np.arange(7.0)
        plants = np.array(["a", "b", "", "a", "", "b", "a"])
        found = smooth_plants(probas, days, plants)
        for rows in ([0, 3, 6], [1, 5], [2], [4]):
            assert np.allclose(found.probas[rows], smooth_plant(probas[rows], days[rows]).probas)
        assert sorted(len(rows) for rows in plant_rows(plants)) == [1, 1, 2, 3]
        assert plant_rows(np.zeros(0, str)) == []

    def test_no_photos(self):
        assert smooth_plant(np.zeros((0, K)), np.zeros(0)).probas.shape == (0, K)

    @pytest.mark.parametrize("share", [0.0, 1.0])
    def test_share_of_strays_is_a_share(self, share):
        with pytest.raises(ValueError, match="stray_share"):
            smooth_plant(np.full((1, K), 0.25), np.zeros(1), stray_share=share)


class TestStageDays:
    def test_are_found_again(self):
        rng = np.random.default_rng(0)
        truth = np.array([4.0, 12.0, 6.0])
        labels, days = [], []
        for _ in range(150):
            visits_at = np.sort(rng.uniform(0, 30, 10))
            labels.append(np.searchsorted(np.cumsum(rng.exponential(truth)), visits_at))
            days.append(visits_at)
        found = fit_stage_days(labels, days, n_stages=4)
        assert np.allclose(found[:3], truth, rtol=0.25)

    def test_nothing_seen_gives_the_prior(self):
        assert np.allclose(fit_stage_days([], [], n_stages=3, prior_days=9.0), 9.0)
        backwards = fit_stage_days([np.array([2, 0])], [np.array([0.0, 5.0])], n_stages=3)
        assert np.allclose(backwards, 7.0)


class TestOutOfOrder:
    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12)), max_size=9))
    def test_fewest_photos_go(self, pairs):
        labels, days = np.array([p[0] for p in pairs], int), np.array([p[1] for p in pairs], int)
        is_wrong = out_of_order(labels, days)
        assert _is_ordered(labels[~is_wrong], days[~is_wrong])
        fewest = min(
            sum(dropped)
            for dropped in product([0, 1], repeat=len(pairs))
            if _is_ordered(labels[~np.array(dropped, bool)], days[~np.array(dropped, bool)])
        )
        assert is_wrong.sum() == fewest

    def test_a_slip_is_found(self):
        assert np.flatnonzero(out_of_order(np.array([0, 1, 4, 1, 2]), np.arange(5))).tolist() == [2]


class TestConflict:
    @given(distributions(n_stages=4, min_rows=3, max_rows=3), distributions(n_stages=4, min_rows=3, max_rows=3))
    def test_bounded_and_mirrored(self, one, two):
        lead = stage_lead(one, two)
        assert np.allclose(lead, -stage_lead(two, one))
        assert np.allclose(stage_lead(one[:, ::-1], two[:, ::-1]), -lead)
        for is_ordered in (True, False):
            conflict = stage_conflict(one, two, is_ordered=is_ordered)
            assert (conflict >= 0).all()
            assert (conflict <= 1).all()
            assert np.allclose(stage_conflict(one, one, is_ordered=is_ordered), 0, atol=1e-9)

    def test_far_apart_is_one(self):
        assert stage_lead(np.eye(3)[[2]], np.eye(3)[[0]]).tolist() == [1.0]
        assert stage_conflict(np.eye(3)[[2]], np.eye(3)[[0]], is_ordered=False).tolist() == [1.0]


def _chance(history, seen, moves):
    chance = np.prod([seen[t, k] for t, k in enumerate(history)])
    return chance * np.prod([moves[t][a, b] for t, (a, b) in enumerate(pairwise(history))])


def _is_ordered(labels, days):
    return all(labels[i] <= labels[j] for i in range(len(labels)) for j in range(len(labels)) if days[i] < days[j])


class TestSeasons:
    def test_a_long_rest_begins_another_season_of_the_same_plant(self):
        keys = season_keys(np.array(["a", "b", "a", "a", ""]), np.array([10.0, 12.0, 400.0, 15.0, 11.0]))
        assert keys[0] == keys[3] != keys[2]
        assert keys[1] not in {keys[0], keys[2]}
        assert keys[4] == ""

    @given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2000)), max_size=20))
    def test_within_a_season_no_gap_is_long_and_between_seasons_every_one_is(self, visits):
        plants, days = np.array([it[0] for it in visits], str), np.array([it[1] for it in visits], float)
        keys = season_keys(plants, days)
        for plant in set(plants.tolist()):
            rows = np.flatnonzero(plants == plant)
            order = rows[np.argsort(days[rows], kind="stable")]
            for one, other in pairwise(order):
                assert (keys[one] == keys[other]) == (days[other] - days[one] <= 100)


@given(st.integers(1, 7), st.integers(0, 999))
@settings(max_examples=40)
def test_moves_are_the_exponential_of_the_rates(k, seed):
    rng = np.random.default_rng(seed)
    stage_days, gaps = rng.uniform(0.2, 60, k), np.concatenate([[0.0], rng.uniform(0, 150, 6).round(2)])
    rates = np.append(1 / stage_days[:-1], 0.0)
    generator = np.diag(-rates) + np.diag(rates[:-1], 1)
    expected = np.array([expm(gap * generator) for gap in gaps])
    assert np.allclose(transition_matrices(stage_days, gaps), expected, atol=1e-9, rtol=1e-6)
