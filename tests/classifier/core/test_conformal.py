from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.core.conformal import coverage_and_size, fit_conformal, growth_scores
from classifier.core.pooling import softmax
from tests.classifier.core.strategies import distributions, labelled


@given(distributions(), st.floats(0, 1))
def test_sets_are_runs_of_neighbours_around_the_mode_and_grow(probas, threshold):
    scores = growth_scores(probas)
    for row, score in zip(probas, scores, strict=True):
        held = np.flatnonzero(score <= threshold)
        assert row.argmax() in held
        assert (np.diff(held) == 1).all()
    wider = scores <= min(1.0, threshold + 0.1)
    assert (wider | ~(scores <= threshold)).all()


@given(distributions())
def test_a_stage_joins_by_the_mass_before_it(probas):
    """The scores of a row are the running sums of its masses in the order in which stages joined."""
    probas = np.where(probas < 1e-9, 0.0, probas)
    for is_ordered in (True, False):
        scores = growth_scores(probas, is_ordered=is_ordered)
        for row, score in zip(probas, scores, strict=True):
            # Stages of no mass share a score with the one that joins after them.
            order = np.lexsort((-row, score))
            assert np.allclose(score[order][row[order] > 0],
                               (np.cumsum(row[order]) - row[order])[row[order] > 0])  # fmt: skip


@given(distributions())
def test_turning_the_scale_round_turns_the_sets_round(probas):
    tie_free = probas + 1e-3 * np.random.default_rng(0).random(probas.shape)
    assert np.allclose(growth_scores(tie_free)[:, ::-1], growth_scores(tie_free[:, ::-1]))


def test_a_known_case():
    probas = np.array([[0.1, 0.25, 0.4, 0.05, 0.2]])
    assert growth_scores(probas)[0] == pytest.approx([0.65, 0.4, 0.0, 0.75, 0.8])
    assert growth_scores(probas, is_ordered=False)[0] == pytest.approx([0.85, 0.4, 0.0, 0.95, 0.65])


@given(labelled(), st.floats(0.05, 0.95))
def test_on_the_photos_it_was_fitted_on_the_promise_holds_group_by_group(case, coverage):
    probas, targets, groups = case
    truth = targets.argmax(axis=1)
    fitted = fit_conformal(probas, truth, groups, coverage=coverage)
    held = fitted.sets(probas)[np.arange(len(truth)), truth]
    by_group = np.mean([held[groups == group].mean() for group in np.unique(groups)])
    assert by_group >= coverage - 1e-9


def draw(n_groups, rng, size=6, k=5):
    """Photos of groups that are easy or hard as a whole, with probabilities that know nothing of it."""
    shift = rng.normal(size=n_groups).repeat(size)
    place = rng.uniform(0, k - 1, n_groups).repeat(size)
    seen = np.clip(place + 0.9 * shift + 0.2 * rng.normal(size=n_groups * size), 0, k - 1)
    truth = np.clip(np.rint(place), 0, k - 1).astype(int)
    probas = softmax(-1.2 * np.abs(np.arange(k) - seen[:, None]))
    return probas, truth, np.arange(n_groups).repeat(size)


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_new_groups_are_covered_as_promised_and_not_much_more(coverage):
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        fitted = fit_conformal(*draw(60, rng), coverage=coverage)
        probas, truth, _ = draw(40, rng)
        found.append(coverage_and_size(fitted.sets(probas), truth))
    covered, size = np.mean(found, axis=0)
    assert coverage - 0.01 <= covered <= coverage + 0.05
    assert size < 4


def test_too_few_groups_promise_nothing_less_than_all_stages():
    rng = np.random.default_rng(0)
    probas, truth, groups = draw(8, rng)
    assert fit_conformal(probas, truth, groups, coverage=0.9).sets(probas).all()
    assert not fit_conformal(probas, truth, np.arange(len(truth)), coverage=0.8).sets(probas).all()


@settings(max_examples=5)
@given(st.sampled_from([0.0, 1.0, -0.5, 1.2]))
def test_impossible_promises_are_refused(coverage):
    with pytest.raises(ValueError, match="between 0 and 1"):
        fit_conformal(np.eye(2), np.arange(2), np.arange(2), coverage=coverage)
