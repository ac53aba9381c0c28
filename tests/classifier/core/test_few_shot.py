"""What the comparing models must keep, whatever their vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.core.few_shot import (
    FAR,
    Examples,
    ResidualEncoder,
    attention,
    class_means,
    similarities_to_means,
    similarities_without_own_group,
)
from classifier.core.few_shot_models import AttentionModel, PairModel, PrototypeModel

D = 12


def world(n_each=6, n_stages=3, seed=0, noise=0.6):
    """Vectors around one centre a stage, two photos a group."""
    rng = np.random.default_rng(seed)
    stages = np.repeat(np.arange(n_stages), n_each)
    X = rng.normal(size=(n_stages, D))[stages] + noise * rng.normal(size=(len(stages), D))
    return X.astype(np.float32), np.eye(n_stages)[stages], np.arange(len(stages)) // 2


def fit_prototypes(X, targets, groups):
    return PrototypeModel.fit(ResidualEncoder.standardising(X), X, targets, groups)


def fit_attention(X, targets, groups):
    return AttentionModel.fit(ResidualEncoder.standardising(X), X, targets, groups)


def fit_pairs(X, targets, groups):
    weights = -np.linspace(0.2, 1, D).astype(np.float32)
    weights[0] = 0.1
    return PairModel.fit(ResidualEncoder.standardising(X), weights, 0.3, X, targets, groups)


FITS = {"prototypes": fit_prototypes, "attention": fit_attention, "pairs": fit_pairs}


@pytest.fixture(params=FITS)
def fit(request):
    return FITS[request.param]


def test_classes_are_told_apart_from_few_examples(fit):
    X, targets, groups = world()
    new, truth, _ = world(n_each=50)
    rng = np.random.default_rng(0)
    centres = X.reshape(3, 6, D).mean(axis=1)
    new = centres[truth.argmax(axis=1)] + 0.6 * rng.normal(size=(150, D))
    probas = fit(X, targets, groups).predict_proba(new)
    assert np.allclose(probas.sum(axis=1), 1)
    assert (probas.argmax(axis=1) == truth.argmax(axis=1)).mean() > 0.9


def test_one_example_a_stage_that_is_asked_about_is_recognised(fit):
    X, targets, groups = world(n_each=1, n_stages=6)
    assert (fit(X, targets, groups).predict_proba(X).argmax(axis=1) == np.arange(6)).all()


@settings(max_examples=20)
@given(st.integers(0, 2**31))
@pytest.mark.parametrize("name", FITS)
def test_the_order_of_the_examples_means_nothing(name, seed):
    X, targets, groups = world()
    order = np.random.default_rng(seed).permutation(len(X))
    a = FITS[name](X, targets, groups).predict_proba(X[:4])
    b = FITS[name](X[order], targets[order], groups[order]).predict_proba(X[:4])
    assert np.allclose(a, b, atol=1e-4)


@pytest.mark.parametrize("name", FITS)
def test_other_names_of_the_stages_permute_the_answer(name):
    X, targets, groups = world()
    renamed = [2, 0, 1]
    a = FITS[name](X, targets, groups).predict_proba(X)
    b = FITS[name](X, targets[:, renamed], groups).predict_proba(X)
    assert np.allclose(a[:, renamed], b, atol=1e-5)


def test_a_stage_without_an_example_keeps_its_share(fit):
    X, targets, groups = world()
    wider = np.concatenate([targets, np.zeros((len(X), 1))], axis=1)
    probas = fit(X, wider, groups).predict_proba(X)
    assert np.allclose(probas[:, 3], 1 / (len(X) + 4))
    assert np.allclose(probas.sum(axis=1), 1)


def test_one_stage_alone(fit):
    X, _, groups = world(n_stages=1)
    probas = fit(X, np.eye(3)[np.ones(6, int)], groups).predict_proba(X)
    assert (probas.argmax(axis=1) == 1).all()
    assert (probas[:, 1] < 1).all()


def test_frequent_stages_get_no_more_attention():
    logits, targets = np.zeros((1, 44)), np.eye(3)[[0] * 40 + [1] * 4]
    found = attention(logits, targets, np.array([True, True, False]))[0]
    assert found[0] == pytest.approx(found[1])
    assert found[2] == FAR


@pytest.mark.parametrize("name", ["prototypes", "pairs"])
def test_frequent_stages_draw_no_more(name):
    """Ten times the photos of one stage, yet a photo half-way stays undecided."""
    X = np.concatenate([np.full((40, D), 1.0), np.full((4, D), -1.0)]).astype(np.float32)
    X += 0.01 * np.random.default_rng(0).normal(size=X.shape).astype(np.float32)
    targets = np.eye(2)[[0] * 40 + [1] * 4]
    model = FITS[name](X, targets, np.arange(44))
    middle = (X[:40].mean(axis=0) + X[40:].mean(axis=0))[None] / 2
    assert model.predict_proba(middle)[0] == pytest.approx([0.5, 0.5], abs=0.25)


def test_arrays_hold_all_there_is(fit):
    X, targets, groups = world()
    model = fit(X, targets, groups)
    again = type(model).from_arrays(model.to_arrays())
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    assert np.array_equal(again.embed(X), model.embed(X))
    assert again.n_stages == model.n_stages == 3


def test_vectors_of_another_length_are_refused(fit):
    X, targets, groups = world()
    with pytest.raises(ValueError, match="vectors have 11 numbers, 12 were learned from"):
        fit(X, targets, groups).predict_proba(X[:, 1:])


def test_pairs_are_symmetric():
    X, targets, groups = world()
    model = fit_pairs(X, targets, groups)
    assert np.allclose(model.log_odds(model.examples), model.log_odds(model.examples).T)
    assert np.allclose(np.diag(model.log_odds(model.examples)), model.bias)


def test_scales_are_judged_without_a_photos_own_group():
    """Leaving a group out by subtraction is leaving it out."""
    X, targets, groups = world()
    examples = Examples(X.astype(np.float64), targets, groups)
    found = similarities_without_own_group(examples)
    for group in range(9):
        own = groups == group
        left = Examples(examples.vectors[~own], targets[~own], groups[~own])
        expected = similarities_to_means(examples.vectors[own], class_means(left))
        assert np.allclose(found[own], expected)


def test_a_stage_of_one_group_cannot_be_judged():
    X, targets, _ = world(n_each=2)
    found = similarities_without_own_group(Examples(X, targets, np.repeat(np.arange(3), 2)))
    assert (found[np.arange(6), targets.argmax(axis=1)] == FAR).all()


def test_noise_gets_a_soft_scale_and_clear_cases_a_sharp_one(fit):
    _, targets, groups = world(n_each=30)
    noise = np.random.default_rng(0).normal(size=(90, D)).astype(np.float32)
    clear = world(n_each=30, noise=0.1)[0]
    assert fit(noise, targets, groups).scale < fit(clear, targets, groups).scale
    assert fit(noise, targets, groups).predict_proba(noise[:1] + 5).max() < 0.9


def test_few_rows_standardise_little():
    X = np.random.default_rng(0).normal(size=(3, 200)).astype(np.float32)
    X[:, 0] = 1e-3 * X[:, 0]
    few, many = ResidualEncoder.standardising(X), ResidualEncoder.standardising(np.tile(X, (500, 1)))
    assert many.scale[0] < 0.1 < 0.5 < few.scale[0]
