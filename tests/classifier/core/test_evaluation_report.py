"""The report: figures agree with the plain functions, intervals hold them, and odd sets of photos get an answer."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.core import metrics
from classifier.core.evaluation_report import References, Rival, ScoredPhotos, subset_report
from classifier.core.evaluation_report.figures import balanced_accuracies, macro_f1s, quadratic_kappas
from classifier.core.evaluation_report.references import accuracy_by_labels
from classifier.core.evaluation_report.resampling import GroupResamples
from classifier.core.operating_points import fit_operating_points
from classifier.core.pooling import softmax
from classifier.core.selective import selective_accuracy
from tests.classifier.core.strategies import labelled


def season(n=240, k=5, seed=0, spread=0.8):
    """Photos seen with some noise, three of a plant, and three experts who slip to a neighbour one time in ten."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    seen = truth + spread * rng.normal(size=n)
    probas = softmax(-1.5 * (np.arange(k) - seen[:, None]) ** 2)
    slips = rng.choice([-1, 0, 1], p=[0.05, 0.9, 0.05], size=(n, 3))
    rows = np.repeat(np.arange(n), 3)
    votes = np.clip(truth[:, None] + slips, 0, k - 1).ravel()
    references = References(rows, votes, np.arange(n) % 4 == 0)
    return ScoredPhotos(probas, np.eye(k)[truth], np.arange(n) // 3, references, temperature=1.3)


def figures_in(value):
    """Every {value, low, high} of a report."""
    if isinstance(value, dict):
        if {"value", "low", "high"} <= set(value):
            yield value
        for part in value.values():
            yield from figures_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from figures_in(part)


def changed(photos, **changes):
    import dataclasses

    return dataclasses.replace(photos, **changes)


def test_figures_are_those_of_the_plain_functions():
    photos = season()
    report = subset_report(photos, n_resamples=100)
    truth, k = photos.targets.argmax(axis=1), 5
    plain = metrics.evaluate(photos.probas, photos.targets, photos.groups, n_resamples=50)
    found = {name: figure["value"] for name, figure in report["figures"].items()}
    for name in ("accuracy", "macro_f1", "mae", "qwk", "ece", "nll"):
        assert found[name] == pytest.approx(plain[name]), name
    predicted = photos.probas.argmax(axis=1)
    assert found["far_errors"] == pytest.approx((np.abs(predicted - truth) >= 2).mean())
    recalls = [(predicted[truth == stage] == stage).mean() for stage in range(k)]
    assert found["balanced_accuracy"] == pytest.approx(np.mean(recalls))
    assert report["confusion"] == plain["confusion"]
    at = [row["value"] for row in report["answering"]["at"]]
    assert at == pytest.approx(selective_accuracy(photos.probas.max(axis=1), predicted == truth))
    assert sum(row["n"] for row in report["reliability"]["bins"]) == len(truth)
    assert report["answering"]["curve"][-1]["accuracy"] == pytest.approx(found["accuracy"])


@settings(max_examples=40, deadline=None)
@given(labelled(), st.booleans(), st.booleans())
def test_any_photos_give_a_report_that_json_holds_with_intervals_around_their_values(case, is_ordered, fitted_here):
    probas, targets, groups = case
    n = len(probas)
    points = fit_operating_points(probas, targets.argmax(axis=1), groups, is_ordered=is_ordered)
    rival = Rival(3, np.where(np.arange(n)[:, None] % 2 == 0, probas[::-1], np.nan))
    photos = ScoredPhotos(
        probas, targets, groups, References.none(n), is_ordered=is_ordered, points=points,
        are_points_fitted_here=fitted_here, rival=rival,
    )  # fmt: skip
    report = subset_report(photos, n_resamples=20)
    if n == 0:
        assert report is None
        return
    json.dumps(report, allow_nan=False)
    for figure in figures_in(report):
        assert figure["low"] <= figure["value"] <= figure["high"]
    assert ("qwk" in report["figures"]) == is_ordered


def test_vectorised_scores_of_confusions_agree_with_the_plain_ones():
    rng = np.random.default_rng(0)
    stack = rng.integers(0, 9, (20, 4, 4)) * (rng.random((20, 4, 4)) < 0.7)
    for one, f1, kappa in zip(
        stack, macro_f1s(stack.astype(float)), quadratic_kappas(stack.astype(float)), strict=True
    ):
        assert f1 == pytest.approx(metrics.macro_f1(one))
        assert kappa == pytest.approx(metrics.weighted_kappa(one))
    assert balanced_accuracies(np.diag([3.0, 0.0, 2.0])) == 1.0


def test_alike_photos_of_a_plant_do_not_make_an_interval_narrower():
    photos = season(n=60)
    many = {name: np.repeat(getattr(photos, name), 5, axis=0) for name in ("probas", "targets", "groups")}
    copies = ScoredPhotos(**many, references=References.none(300))
    one, five = (subset_report(it, n_resamples=200)["figures"]["accuracy"] for it in (photos, copies))
    assert five == pytest.approx(one)


def test_the_boundary_table_counts_both_ways_and_knows_what_experts_do():
    truth = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    predicted = np.array([0, 1, 1, 0, 1, 2, 2, 0])
    references = References(np.array([0, 0, 3, 3, 5, 5]), np.array([0, 1, 1, 1, 1, 2]), np.zeros(8, bool))
    photos = ScoredPhotos(np.eye(3)[predicted] * 0.9 + 0.03, np.eye(3)[truth], np.arange(8), references)
    first, second = subset_report(photos, n_resamples=50)["boundaries"]
    assert (first["n"], first["taken_for_upper"], first["taken_for_lower"]) == (5, 2, 1)
    assert first["confused"]["value"] == pytest.approx(3 / 5)
    assert (first["expert_pairs"], first["experts_differ"]) == (2, 0.5)
    assert (second["n"], second["confused"]["value"], second["experts_differ"]) == (5, 0.0, 0.5)


def test_free_classes_list_the_pairs_that_are_confused_and_no_others():
    truth = np.array([0, 0, 2, 2, 1])
    predicted = np.array([2, 2, 2, 0, 1])
    photos = ScoredPhotos(np.eye(3)[predicted], np.eye(3)[truth], np.arange(5), References.none(5), is_ordered=False)
    rows = subset_report(photos, n_resamples=20)["boundaries"]
    assert [(row["lower"], row["upper"]) for row in rows] == [(0, 2)]


def test_equally_sure_photos_are_as_uncertain_as_their_accuracy():
    photos = season(n=120)
    truth = photos.targets.argmax(axis=1)
    named = np.where(np.arange(120) // 3 % 2 == 0, truth, (truth + 1) % 5)
    report = subset_report(changed(photos, probas=np.eye(5)[named] * 0.8 + 0.04), n_resamples=200)
    everything = report["figures"]["accuracy"]
    for row in report["answering"]["at"]:
        assert row["value"] == pytest.approx(0.5)
        assert (row["low"], row["high"]) == pytest.approx((everything["low"], everything["high"]))


def test_a_perfect_model_reads_the_ceiling_against_single_experts():
    photos = season()
    truth = photos.targets.argmax(axis=1)
    resamples = GroupResamples(photos.groups, n_resamples=100)
    found = accuracy_by_labels(truth, truth, photos.references, photos.groups, resamples, seed=1)
    single, consensus, gold = found["against"]
    assert single["n"] == 720
    assert single["accuracy"]["value"] == pytest.approx(0.92, abs=0.04)
    assert single["accuracy"] == found["consensus_on_single"]
    assert consensus["accuracy"]["value"] == gold["accuracy"]["value"] == 1.0
    assert gold["n"] == 60
    assert found["experts"]["n_pairs"] == 720
    assert found["experts"]["n_photos"] == 240
    assert found["experts"]["agreement"]["value"] < single["accuracy"]["value"]


def test_every_two_answers_of_a_photo_make_one_pair():
    references = References(np.array([4, 1, 4, 4, 2]), np.array([0, 1, 2, 3, 1]), np.zeros(5, bool))
    pairs, photos = references.expert_pairs()
    assert sorted(map(sorted, pairs.tolist())) == [[0, 2], [0, 3], [2, 3]]
    assert photos.tolist() == [4, 4, 4]


def test_flips_name_the_photos_that_were_right_before():
    photos = season(n=30)
    truth = photos.targets.argmax(axis=1)
    now, before = truth.copy(), truth.copy()
    now[[2, 5]] = (truth[[2, 5]] + 1) % 5
    before[[7]] = (truth[[7]] + 1) % 5
    theirs = np.eye(5)[before]
    theirs[5] = np.nan
    confident = np.eye(5)[now] * 0.9 + 0.02
    found = subset_report(changed(photos, probas=confident, rival=Rival(4, theirs)), n_resamples=50)["flips"]
    assert (found["version"], found["n"], found["negative"], found["positive"]) == (4, 29, 1, 1)
    assert [photo["row"] for photo in found["photos"]] == [2]
    assert found["photos"][0]["truth"] == found["photos"][0]["before"] == truth[2]
    unseen = Rival(4, np.full((30, 5), np.nan))
    assert subset_report(changed(photos, rival=unseen), n_resamples=20)["flips"] is None


def test_sets_on_the_photos_of_the_thresholds_are_fitted_without_them():
    photos = season(n=900, spread=1.2)
    points = fit_operating_points(photos.probas, photos.targets.argmax(axis=1), photos.groups)
    report = subset_report(changed(photos, points=points, are_points_fitted_here=True), n_resamples=50)
    found = report["conformal"]
    assert found["promised"] == 0.9
    assert 0.86 <= found["covered"]["value"] <= 0.94
    assert sum(found["sizes"]) == pytest.approx(1)
    assert sum(row["n"] for row in found["by_stage"]) == 900
    served = {row["kind"]: row for row in report["answering"]["served"]}
    assert served["share"]["answered"] == pytest.approx(0.9, abs=0.01)
    assert served["accuracy"]["threshold"] == points.sure_from
