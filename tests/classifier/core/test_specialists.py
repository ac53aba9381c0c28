"""Recombination, the fit of alpha, and what nested evaluation says where there is, and is not, something to gain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.core.heads import fit_head
from classifier.core.specialist_evaluation import nested_evaluation
from classifier.core.specialists import (
    ALPHAS,
    Mixture,
    apply_mixtures,
    clustered_error,
    confused_pairs,
    fit_mixture,
    head_specialists,
    is_gated,
    recombine,
)
from classifier.core.splits import fold_pairs, grouped_folds
from tests.classifier.core.strategies import distributions


@given(distributions(n_stages=5), st.sampled_from(ALPHAS), st.integers(0, 3), st.integers(0, 2**31))
def test_only_the_split_of_the_pair_moves_and_only_where_it_leads(probas, alpha, i, seed):
    share = np.random.default_rng(seed).random(len(probas))
    changed = recombine(probas, (i, i + 1), share, alpha)
    others = [k for k in range(5) if k not in (i, i + 1)]
    assert np.allclose(changed[:, others], probas[:, others])
    assert np.allclose(changed[:, i] + changed[:, i + 1], probas[:, i] + probas[:, i + 1])
    assert (changed >= -1e-12).all()
    rest = ~is_gated(probas, (i, i + 1))
    assert np.array_equal(changed[rest], probas[rest])
    if alpha == 0:
        assert np.array_equal(changed, probas)


def test_alpha_goes_from_the_models_split_to_the_specialists():
    probas, share = np.array([[0.1, 0.6, 0.3]]), np.array([0.2])
    splits = [recombine(probas, (1, 2), share, alpha)[0, 1] / 0.9 for alpha in ALPHAS]
    assert splits[0] == pytest.approx(2 / 3)
    assert splits[-1] == pytest.approx(0.2)
    assert splits == sorted(splits, reverse=True)
    certain = recombine(np.array([[0.0, 1.0, 0.0]]), (1, 2), np.array([0.0]), 1.0)
    assert np.isfinite(certain).all()


@given(distributions(n_stages=5))
def test_a_photo_is_of_one_pair_at_most(probas):
    gates = [is_gated(probas, (i, i + 1)) for i in range(4)]
    assert (np.sum(gates, axis=0) <= 1).all()


@given(distributions(n_stages=5), st.permutations(range(4)))
def test_the_order_of_the_pairs_means_nothing(probas, order):
    rng = np.random.default_rng(0)
    shares = {(i, i + 1): rng.random(len(probas)) for i in range(4)}
    mixtures = [Mixture(pair, 1.0, 0.0, 0.0, 0) for pair in shares]
    expected = apply_mixtures(probas, shares, mixtures)
    assert np.array_equal(apply_mixtures(probas, shares, [mixtures[i] for i in order]), expected)


def confused(i, j, n=100, wrong=0.3, k=4):
    """Photos of all stages, right but for some of i taken for j."""
    truth = np.repeat(np.arange(k), n)
    predicted = truth.copy()
    predicted[np.flatnonzero(truth == i)[: round(wrong * n)]] = j
    return np.eye(k)[predicted] * 0.9 + 0.1 / k, truth


def test_pairs_are_neighbours_confused_often_enough():
    assert confused_pairs(*confused(1, 2)) == [(1, 2)]
    assert confused_pairs(*confused(2, 1)) == [(1, 2)]
    assert confused_pairs(*confused(0, 2)) == []
    assert confused_pairs(*confused(0, 2), is_ordered=False) == [(0, 2)]
    assert confused_pairs(*confused(1, 2, wrong=0.05)) == [], "fewer than 3 % of both"
    assert confused_pairs(*confused(1, 2, n=50)) == [], "fewer than 20 photos"


def test_an_oracle_is_kept_a_coin_is_not_and_a_liar_gets_no_say():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 600)
    probas = np.concatenate([np.full((600, 2), 0.45), np.full((600, 1), 0.1)], axis=1)
    probas[:, 0] += 0.1 * rng.normal(size=600).clip(-2, 2)
    probas[:, 1] = 0.9 - probas[:, 0]
    groups = np.arange(600) // 3
    oracle = np.where(truth == 0, 0.9, 0.1)
    assert fit_mixture(probas, oracle, truth, groups, (0, 1)).alpha == 1.0
    assert fit_mixture(probas, 1 - oracle, truth, groups, (0, 1)).alpha == 0.0
    coins = [fit_mixture(probas, rng.random(600), truth, groups, (0, 1)).alpha for _ in range(30)]
    assert sum(alpha > 0 for alpha in coins) == 0
    assert fit_mixture(probas[:0], oracle[:0], truth[:0], groups[:0], (0, 1)).n_gated == 0
    assert fit_mixture(probas, oracle, truth, np.zeros(600), (0, 1)).alpha == 0.0, "one group proves nothing"


def test_the_error_of_a_mean_counts_groups_not_photos():
    values = np.random.default_rng(0).normal(size=100)
    alone = clustered_error(values, np.arange(100))
    assert alone == pytest.approx(values.std(ddof=1) / 10, rel=1e-6)
    assert clustered_error(np.repeat(values, 9), np.repeat(np.arange(100), 9)) == pytest.approx(alone)
    assert clustered_error(values, np.zeros(100)) == np.inf


class World:
    """Seven stages along a line, three photos a plant; the specialists' view holds a cue for some pairs, or nothing.

    The cue of a pair is the sign of a product, which no linear head on the plain view can read.
    """

    K = 7

    def __init__(self, seed, *, cue, n=1260):
        rng = np.random.default_rng(seed)
        self.groups = np.arange(n) // 3
        self.truth = rng.integers(0, self.K, n)
        place = self.truth + 0.45 * rng.normal(size=n)
        self.plain = np.stack([place, np.abs(place - 3), place**2 / 10, *rng.normal(size=(5, n))], axis=1)
        noise = rng.normal(size=(n, 8))
        sign = np.where(self.truth % 2 == 0, 1.0, -1.0)
        noise[:, 1] = np.where(cue, sign * np.sign(noise[:, 0]) * np.abs(noise[:, 1]), noise[:, 1])
        products = np.stack([noise[:, 0] * noise[:, 1], noise[:, 2] * noise[:, 3]], axis=1)
        self.own = np.concatenate([self.plain, noise, products], axis=1)
        self.targets = np.eye(self.K)[self.truth]

    def head(self, X, seed=None):
        def fit(rows):
            rng = np.random.default_rng(seed)
            drawn = rows if seed is None else rng.choice(rows, len(rows))
            fitted = fit_head(X[drawn], self.targets[drawn])
            return lambda asked: fitted.predict_proba(X[asked])

        return fit

    def bagged(self, rows):
        models = [self.head(self.plain, seed)(rows) for seed in range(4)]
        return lambda asked: np.mean([model(asked) for model in models], axis=0)

    def report(self):
        return nested_evaluation(
            self.truth,
            self.groups,
            self.K,
            self.head(self.plain),
            head_specialists(self.own, self.targets),
            {"equal_compute": self.bagged, "flat": self.head(self.own)},
            n_folds=3,
            n_inner_folds=2,
            n_resamples=300,
        )


def test_positive_control_a_cue_only_specialists_see_is_found_and_shipped():
    for seed in range(3):
        report = World(seed, cue=True).report()
        assert report.kept_pairs >= 3
        assert report.ships("equal_compute")
        assert report.differences["base"].mean > 0.02
        for probas in report.probas.values():
            assert np.allclose(probas.sum(axis=1), 1)


def test_negative_control_without_a_cue_hardly_a_specialist_is_kept_and_nothing_shipped():
    reports = [World(seed, cue=False).report() for seed in range(100, 112)]
    assert sum(report.ships("equal_compute") for report in reports) <= 1
    assert np.mean([report.kept_pairs for report in reports]) < 0.5
    assert abs(np.mean([report.differences["base"].mean for report in reports])) < 0.004


def test_no_choice_looks_at_the_fold_it_is_judged_by():
    """Other truth in one outer fold changes nothing that was chosen and scored for that fold."""
    world = World(0, cue=True, n=420)
    fold = grouped_folds(world.truth, world.groups, n_folds=3)
    train, test = fold_pairs(fold)[0]

    def scored(truth):
        from classifier.core.specialist_evaluation import fit_meta_model

        world.targets = np.eye(world.K)[truth]
        score, mixtures = fit_meta_model(
            train, truth, world.groups, world.K, world.head(world.plain), head_specialists(world.own, world.targets)
        )
        return score(test)[1], mixtures

    other = world.truth.copy()
    other[test] = (other[test] + 1) % world.K
    first, second = scored(world.truth), scored(other)
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]
