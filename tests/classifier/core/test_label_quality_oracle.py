"""The same flags as cleanlab 2.9.0."""

import numpy as np
import pytest

from classifier.core.label_quality import confident_learning, normalised_margin, self_confidence

count = pytest.importorskip("cleanlab.count", reason="requirements-dev.txt pins cleanlab")
filtering = pytest.importorskip("cleanlab.filter")
rank = pytest.importorskip("cleanlab.rank")

RULES = {"noise_rate": "prune_by_noise_rate", "off_diagonal": "confident_learning"}
CASES = [
    (n, k, noise, sharpness, seed)
    for seed, (n, k, noise, sharpness) in enumerate(
        [(300, 3, 0.1, 2.0), (1000, 7, 0.2, 1.5), (5000, 7, 0.05, 3.0), (5000, 10, 0.4, 2.0), (50_000, 7, 0.1, 2.0)]
    )
]


@pytest.fixture(params=CASES, ids=lambda case: f"n={case[0]} K={case[1]} noise={case[2]}")
def case(request):
    """Neighbour slips over uneven stages, as experts make them."""
    n, k, noise, sharpness, seed = request.param
    rng = np.random.default_rng(seed)
    truth = rng.choice(k, n, p=rng.dirichlet(np.full(k, 5.0)))
    slipped = np.clip(truth + rng.choice([-1, 1], n), 0, k - 1)
    labels = np.where(rng.random(n) < noise, slipped, truth)
    logits = sharpness * np.eye(k)[truth] + rng.normal(size=(n, k))
    probas = np.exp(logits)
    return probas / probas.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("rule", RULES)
def test_flags(case, rule):
    probas, labels = case
    theirs = filtering.find_label_issues(labels, probas, filter_by=RULES[rule], n_jobs=1)
    ours = confident_learning(probas, labels, rule=rule).is_flagged
    assert theirs.sum() > 0
    assert (ours == theirs).mean() >= 0.999


def test_joint(case):
    """All but a few photos: above several thresholds the paper takes the likeliest of these, cleanlab that of all."""
    probas, labels = case
    found = confident_learning(probas, labels)
    apart = np.abs(found.confident_joint - count.compute_confident_joint(labels, probas, calibrate=False))
    assert apart.sum() <= 0.002 * len(labels)
    # Rounding to whole photos may go either way.
    scaled = np.abs(found.joint - count.compute_confident_joint(labels, probas))
    assert scaled.max() <= 1 + 0.01 * found.joint.max()


def test_scores(case):
    probas, labels = case
    for ours, name in ((self_confidence, "self_confidence"), (normalised_margin, "normalized_margin")):
        assert np.allclose(ours(probas, labels), rank.get_label_quality_scores(labels, probas, method=name))
