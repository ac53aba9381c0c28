"""Estimating how annotators err: planted parameters, symmetries, priors, and crowd-kit's answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.domain.annotator_model import Opinions, fit_annotators, identified
from labeling.domain.error_models import PRIOR_STEP, Coins, Walks, code_of, likelihoods, prior_models
from tests.labeling.domain.panels import answered, walks, walks_found

CROWDKIT = json.loads((Path(__file__).parents[2] / "data" / "crowdkit_posteriors.json").read_text())
NOTHING = np.zeros(0, np.intp)


@st.composite
def some_opinions(draw, n_stages=4, is_ordered=True):
    """A few annotators on a few photos, some of known stage; each pair at most once."""
    n_photos, n_annotators = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    n_codes = n_stages * 2 - 1 if is_ordered else n_stages
    pairs = st.tuples(st.integers(0, n_photos - 1), st.integers(0, n_annotators - 1))
    said = draw(st.dictionaries(pairs, st.integers(0, n_codes - 1), max_size=25))
    known = draw(st.lists(st.integers(-1, n_stages - 1), min_size=n_photos, max_size=n_photos))
    photo, annotator = (np.array([pair[side] for pair in said], np.intp) for side in (0, 1))
    code = np.array(list(said.values()), np.intp)
    return Opinions(photo, annotator, code, np.array(known), n_annotators, n_stages, is_ordered)


class TestErrorModels:
    @given(st.integers(2, 9), st.integers(0, 1000))
    def test_every_answer_has_a_probability_and_they_sum_to_1(self, n_stages, seed):
        confusion = walks(3, n_stages, seed).confusion()
        assert confusion.min() > 0
        np.testing.assert_allclose(confusion.sum(axis=2), 1)

    def test_a_step_further_costs_carry_until_the_scale_ends(self):
        walk = Walks(np.full((1, 3), 0.2), np.full((1, 3), 0.1), np.array([0.25])).confusion()[0]
        slip = 0.01 / 4
        np.testing.assert_allclose((walk[0] - slip) / 0.99, [0.8, 0.2 * 0.75, 0.2 * 0.25 * 0.75, 0.2 * 0.0625])
        np.testing.assert_allclose((walk[3] - slip) / 0.99, [0.1 * 0.0625, 0.1 * 0.25 * 0.75, 0.1 * 0.75, 0.9])

    def test_between_is_either_of_the_two(self):
        confusion = walks(2, 5, 1).confusion()
        table = likelihoods(confusion)
        np.testing.assert_allclose(table[:, 5 + 2], confusion[:, :, 2] + confusion[:, :, 3])
        assert code_of(np.array([2, 2]), np.array([2, 3]), n_stages=5).tolist() == [2, 7]

    @pytest.mark.parametrize(("lower", "upper"), [(-1, 0), (4, 5), (1, 3), (2, 1)])
    def test_what_is_no_interval(self, lower, upper):
        with pytest.raises(ValueError, match="no intervals"):
            code_of(np.array([lower]), np.array([upper]), n_stages=5)


class TestRecovery:
    def test_planted_boundaries_are_found_from_three_opinions_a_photo(self):
        planted = walks(5, 7, 3)
        found = walks_found(fit_annotators(answered(planted, n_photos=6000, n_labels=3, seed=4).opinions))
        assert np.abs(found.up - planted.up).mean() < 0.015
        assert np.abs(found.down - planted.down).mean() < 0.015
        assert np.abs(found.up - planted.up).max() < 0.06
        assert np.abs(found.carry - planted.carry).max() < 0.04

    def test_the_truth_is_found_more_often_than_by_the_most_votes(self):
        models = walks(5, 7, 3)
        models.up[4], models.down[4] = 0.4, 0.4
        models.carry[4] = 0.6
        panel = answered(models, n_photos=2000, n_labels=3, seed=5)
        votes = np.zeros((2000, 7))
        np.add.at(votes, (panel.opinions.photo, panel.opinions.code), 1)
        by_votes = np.mean(votes.argmax(axis=1) == panel.truth)
        ours = np.mean(fit_annotators(panel.opinions).posterior.argmax(axis=1) == panel.truth)
        assert ours > by_votes + 0.02

    def test_what_is_called_certain_is_right_that_often(self):
        panel = answered(walks(5, 7, 8), n_photos=4000, n_labels=3, seed=9)
        posterior = fit_annotators(panel.opinions).posterior
        is_right = posterior.argmax(axis=1) == panel.truth
        assert is_right.mean() == pytest.approx(posterior.max(axis=1).mean(), abs=0.02)

    def test_without_an_order_accuracies_are_found(self):
        planted = Coins(np.array([0.9, 0.8, 0.7, 0.5]), 5)
        panel = answered(planted, n_photos=3000, n_labels=3, seed=2)
        found = fit_annotators(panel.opinions).models
        assert isinstance(found, Coins)
        np.testing.assert_allclose(found.accuracy, planted.accuracy, atol=0.03)

    def test_few_opinions_borrow_from_what_the_same_person_does_elsewhere(self):
        """With four answers a boundary, somebody who errs everywhere is known to err at each."""
        models = walks(4, 7, 1)
        models.up[0], models.down[0] = 0.3, 0.3
        panel = answered(models, n_photos=60, n_labels=4, seed=6)
        found = walks_found(fit_annotators(panel.opinions))
        assert found.up[0].min() > found.up[1:].mean(axis=0).max() - 0.05
        assert found.up[0].mean() > found.up[1:].mean() + 0.08


class TestPriors:
    def test_with_no_opinions_annotators_are_what_is_expected_of_experts(self):
        fit = fit_annotators(Opinions(NOTHING, NOTHING, NOTHING, NOTHING, 3, 7))
        np.testing.assert_allclose(walks_found(fit).up, PRIOR_STEP)
        assert fit.posterior.shape == (0, 7)
        assert not fit.is_identified.any()

    def test_one_expert_is_nobodys_measure(self):
        panel = answered(walks(1, 7, 0), n_photos=500, n_labels=1, seed=0)
        fit = fit_annotators(panel.opinions)
        np.testing.assert_allclose(walks_found(fit).up, PRIOR_STEP, atol=0.03)

    def test_two_experts_are_not_told_apart_however_much_they_say(self):
        models = walks(2, 7, 0)
        models.up[0], models.down[0] = 0.02, 0.02
        models.up[1], models.down[1] = 0.3, 0.3
        fit = fit_annotators(answered(models, n_photos=3000, n_labels=2, seed=1).opinions)
        assert not fit.is_identified.any()
        np.testing.assert_allclose(walks_found(fit).up[0], walks_found(fit).up[1])
        assert 0.1 < walks_found(fit).up.mean() < 0.2, (
            "but they are known to disagree more than experts are expected to"
        )

    def test_known_stages_tell_two_experts_apart(self):
        models = walks(2, 7, 0)
        models.up[0], models.down[0] = 0.02, 0.02
        models.up[1], models.down[1] = 0.3, 0.3
        fit = fit_annotators(answered(models, n_photos=3000, n_labels=2, seed=1, gold_share=0.1).opinions)
        assert walks_found(fit).up[0].mean() < 0.1 < 0.2 < walks_found(fit).up[1].mean()

    def test_three_are_identified_by_the_photos_they_share(self):
        panel = answered(walks(3, 7, 0), n_photos=100, n_labels=2, seed=1)
        assert identified(panel.opinions).all()
        few = answered(walks(3, 7, 0), n_photos=10, n_labels=2, seed=1)
        assert not identified(few.opinions).any()


class TestProperties:
    @given(some_opinions(), st.booleans())
    @settings(deadline=None, max_examples=60)
    def test_posteriors_sum_to_1_and_known_stages_stay(self, opinions, is_rough):
        strength = 1e-6 if is_rough else 50.0
        posterior = fit_annotators(opinions, own_strength=strength, panel_strength=strength).posterior
        np.testing.assert_allclose(posterior.sum(axis=1), 1)
        known = opinions.known >= 0
        np.testing.assert_array_equal(posterior[known].argmax(axis=1), opinions.known[known])
        np.testing.assert_allclose(posterior[known].max(axis=1), 1)

    @given(some_opinions(), st.randoms(use_true_random=False))
    @settings(deadline=None, max_examples=60)
    def test_the_order_of_opinions_and_the_names_of_people_and_photos_are_no_matter(self, opinions, random):
        order = np.array(random.sample(range(len(opinions.photo)), len(opinions.photo)), np.intp)
        photos = np.array(random.sample(range(len(opinions.known)), len(opinions.known)), np.intp)
        people = np.array(random.sample(range(opinions.n_annotators), opinions.n_annotators), np.intp)
        known = np.empty_like(opinions.known)
        known[photos] = opinions.known
        renamed = replace(
            opinions,
            photo=photos[opinions.photo][order],
            annotator=people[opinions.annotator][order],
            code=opinions.code[order],
            known=known,
        )
        one, other = fit_annotators(opinions), fit_annotators(renamed)
        np.testing.assert_allclose(other.posterior[photos], one.posterior, atol=1e-9)
        np.testing.assert_allclose(walks_found(other).up[people], walks_found(one).up, atol=1e-9)

    @given(some_opinions(), st.sampled_from([1e-3, 5.0, 50.0]))
    @settings(deadline=None, max_examples=60)
    def test_the_penalised_likelihood_never_falls(self, opinions, strength):
        trace = fit_annotators(opinions, own_strength=strength, tolerance=-1.0, max_iterations=30).trace
        assert len(trace) == 29
        assert np.diff(trace).min() >= -1e-8

    @given(some_opinions(is_ordered=False))
    @settings(deadline=None, max_examples=30)
    def test_so_it_is_without_an_order(self, opinions):
        trace = fit_annotators(opinions, tolerance=-1.0, max_iterations=30).trace
        assert np.diff(trace).min() >= -1e-8

    def test_somebody_who_is_always_right_is_believed_against_somebody_who_is_not(self):
        models = walks(4, 5, 2)
        models.up[0] = models.down[0] = 0.001
        models.up[3] = models.down[3] = 0.35
        panel = answered(models, n_photos=1500, n_labels=4, seed=3)
        fit = fit_annotators(panel.opinions)
        said = panel.opinions.code.reshape(1500, 4)[
            np.arange(1500)[:, None], np.argsort(panel.opinions.annotator.reshape(1500, 4))
        ]
        apart = np.flatnonzero(np.abs(said[:, 0] - said[:, 3]) == 1)
        believed = fit.posterior[apart]
        rows = np.arange(len(apart))
        assert (believed[rows, said[apart, 0]] > believed[rows, said[apart, 3]]).mean() > 0.95

    @pytest.mark.parametrize("field", ["photo", "annotator", "code", "known"])
    def test_opinions_of_nobody_on_nothing_are_refused(self, field):
        good = Opinions(np.array([0]), np.array([0]), np.array([0]), np.array([-1]), 1, 3)
        with pytest.raises(ValueError, match=r"must name|not on the scale"):
            replace(good, **{field: np.array([7])})


class TestCrowdKit:
    """crowd-kit's Dawid-Skene is the same model where the scale has two stages, or one coin a person."""

    def fit(self, name, **strengths):
        data = CROWDKIT["sets"][name]
        photo, annotator, code = np.array(data["opinions"]).T
        known = np.full(len(data["truth"]), -1)
        opinions = Opinions(photo, annotator, code, known, data["n_annotators"], data["n_stages"], name != "unordered")
        posterior = fit_annotators(opinions, tolerance=1e-10, max_iterations=2000, **strengths).posterior
        return posterior, np.array(data["posterior"]), np.array(data["truth"])

    @pytest.mark.parametrize(("name", "tolerance"), [("binary", 1e-3), ("unordered", 2e-3)])
    def test_with_the_priors_off_the_posteriors_are_the_same(self, name, tolerance):
        ours, theirs, _ = self.fit(name, own_strength=1e-3, panel_strength=1e-3)
        assert np.abs(ours - theirs).max() < tolerance
        assert (ours.argmax(axis=1) == theirs.argmax(axis=1)).all()

    def test_on_ordered_stages_ours_is_right_at_least_as_often(self):
        ours, theirs, truth = self.fit("ordered")
        assert np.mean(ours.argmax(axis=1) == theirs.argmax(axis=1)) > 0.95
        assert np.mean(ours.argmax(axis=1) == truth) >= np.mean(theirs.argmax(axis=1) == truth)


def test_priors_of_both_kinds():
    assert isinstance(prior_models(2, n_stages=3, is_ordered=True), Walks)
    coins = prior_models(2, n_stages=3, is_ordered=False)
    assert isinstance(coins, Coins)
    assert coins.accuracy.tolist() == [0.8, 0.8]
