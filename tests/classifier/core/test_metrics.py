import json

import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import cohen_kappa_score, confusion_matrix, f1_score, log_loss

from classifier.core import metrics
from classifier.core.contracts import Metrics
from tests.classifier.core.strategies import labelled


@given(labelled())
def test_figures_agree_with_scikit_learn(case):
    probas, targets, groups = case
    truth, predicted, k = targets.argmax(1), probas.argmax(1), probas.shape[1]
    found = metrics.evaluate(probas, targets, groups, n_resamples=50)
    assert found["confusion"] == confusion_matrix(truth, predicted, labels=range(k)).tolist()
    assert found["accuracy"] == pytest.approx((truth == predicted).mean())
    assert found["macro_f1"] == pytest.approx(f1_score(truth, predicted, average="macro", zero_division=0))
    clipped = np.clip(probas, 1e-12, None)
    assert found["nll"] == pytest.approx(-np.log(clipped[np.arange(len(truth)), truth]).mean())
    if len(set(truth) | set(predicted)) > 1:
        expected = cohen_kappa_score(truth, predicted, weights="quadratic", labels=range(k))
        assert found["qwk"] == pytest.approx(expected, abs=1e-9)


@given(labelled())
def test_bounds_hold(case):
    found = metrics.evaluate(*case, n_resamples=50)
    assert 0 <= found["accuracy_low"] <= found["accuracy"] <= found["accuracy_high"] <= 1
    assert 0 <= found["ece"] <= 1
    assert 0 <= found["mae"] <= case[0].shape[1] - 1
    assert sum(stage["support"] for stage in found["per_stage"]) == len(case[0])


@given(labelled())
def test_metrics_are_the_contract_and_json(case):
    found = metrics.evaluate(*case, n_resamples=10, member_probas={"a": case[0]})
    assert set(found) == set(Metrics.__annotations__)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["per_member"][0]["accuracy"] == found["accuracy"]


def test_interval_is_wider_when_photos_come_in_groups():
    rng = np.random.default_rng(0)
    correct = np.repeat(rng.random(40) < 0.7, 10)
    alone = metrics.bootstrap_mean(correct, np.arange(400), n_resamples=500)
    grouped = metrics.bootstrap_mean(correct, np.repeat(np.arange(40), 10), n_resamples=500)
    assert grouped[1] - grouped[0] > 2 * (alone[1] - alone[0])


def test_calibration_error_of_a_known_case():
    probas = np.array([[0.8, 0.2]] * 10)
    truth = np.array([0] * 6 + [1] * 4)
    assert metrics.expected_calibration_error(probas, truth, n_bins=1) == pytest.approx(0.2)


def test_no_photos_gives_zeros_not_errors():
    found = metrics.evaluate(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0))
    assert found["accuracy"] == 0
    assert found["confusion"] == [[0] * 3] * 3


def test_order_switches_off():
    probas, targets = np.eye(3)[[0, 2]], np.eye(3)[[2, 2]]
    assert metrics.evaluate(probas, targets, np.arange(2))["mae"] == 1.0
    assert metrics.evaluate(probas, targets, np.arange(2), is_ordered=False)["mae"] == 0.0


def test_log_loss_matches_scikit_learn_on_soft_rows():
    probas = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    assert metrics.negative_log_likelihood(probas, np.eye(3)[[0, 2]]) == pytest.approx(
        log_loss([0, 2], probas, labels=[0, 1, 2])
    )
