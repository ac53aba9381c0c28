from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from classifier.core.corn import CornHead, conditional_targets, corn_probas, fit_corn
from tests.classifier.core.strategies import distributions


@given(distributions())
def test_questions_and_chain_are_inverse(targets):
    answers, weights = conditional_targets(targets)
    assert answers.shape == weights.shape == (len(targets), targets.shape[1] - 1)
    assert np.allclose(weights[:, 0], 1)
    assert (np.diff(weights, axis=1) <= 1e-12).all()
    assert np.allclose(corn_probas(answers), targets, atol=1e-9)


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 6)), elements=st.floats(0, 1)))
def test_any_answers_make_a_distribution(conditional):
    probas = corn_probas(conditional)
    assert (probas >= -1e-12).all()
    assert np.allclose(probas.sum(axis=1), 1)


def test_a_plain_label_is_asked_until_it_says_no():
    answers, weights = conditional_targets(np.eye(4)[[0, 2, 3]])
    assert weights.tolist() == [[1, 0, 0], [1, 1, 1], [1, 1, 1]]
    assert answers.tolist() == [[0, 0, 0], [1, 1, 0], [1, 1, 1]]


def line(n=400, k=5, seed=0):
    rng = np.random.default_rng(seed)
    stages = rng.integers(0, k, n)
    X = np.stack([stages + 0.4 * rng.normal(size=n), *rng.normal(size=(6, n))], axis=1)
    return X, np.eye(k)[stages], stages


def test_it_learns_a_line_and_its_errors_are_between_neighbours():
    X, targets, _ = line()
    new, _, truth = line(seed=1)
    predicted = fit_corn(X, targets).predict_proba(new).argmax(axis=1)
    assert (predicted == truth).mean() > 0.7
    assert (np.abs(predicted - truth) > 1).mean() < 0.01


def test_with_nothing_to_go_by_it_gives_the_frequencies():
    stages = np.repeat([0, 1, 2], [600, 300, 100])
    probas = fit_corn(np.zeros((1000, 2)), np.eye(3)[stages]).predict_proba(np.zeros((1, 2)))
    assert probas[0] == pytest.approx([0.6, 0.3, 0.1], abs=0.01)


def test_a_question_nobody_was_asked_stays_open():
    probas = fit_corn(np.zeros((20, 2)), np.eye(3)[np.zeros(20, int)]).predict_proba(np.zeros((1, 2)))[0]
    assert probas[0] > 0.9
    assert probas[1] == pytest.approx(probas[2])


def test_arrays_hold_all_there_is_and_wrong_input_is_refused():
    X, targets, _ = line(50)
    head = fit_corn(X, targets)
    again = CornHead.from_arrays(head.to_arrays())
    assert np.array_equal(again.predict_proba(X), head.predict_proba(X))
    assert again.n_stages == 5
    with pytest.raises(ValueError, match="vectors have 3 numbers, the head was fitted on 7"):
        head.predict_proba(X[:, :3])
    with pytest.raises(ValueError, match="at least one"):
        fit_corn(X[:0], targets[:0])
