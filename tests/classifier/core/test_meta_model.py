"""When specialists of a training ship, when they do not, and that nothing is asked for in vain."""

from __future__ import annotations

import json

import numpy as np
import pytest

from classifier.core.calibration import apply_temperature, fit_temperature
from classifier.core.heads import out_of_fold_head_probas
from classifier.core.meta_model import RIVALS, MetaModel, Verdict, find_specialists
from classifier.core.specialists import Mixture
from classifier.core.splits import fold_pairs, grouped_folds


class Season:
    """Five stages along a line, three photos a plant, and what a plain head says of them out of fold.

    The vectors may hold a cue for each pair of neighbours that tells the two apart. On photos of other stages it says
    nothing, and is `wild` times as large: where it is wild, a linear model of all stages cannot use it.
    """

    K = 5

    def __init__(self, seed, *, has_cue, n=600, noise=0.45, wild=1.0):
        rng = np.random.default_rng(seed)
        self.groups = np.arange(n) // 3
        truth = rng.integers(0, self.K, n)
        self.targets = np.eye(self.K)[truth]
        place = truth + noise * rng.normal(size=n)
        plain = np.stack([place, np.abs(place - 2), *rng.normal(size=(3, n))], axis=1)
        cues = wild * rng.normal(size=(n, self.K - 1))
        if has_cue:
            for i in range(self.K - 1):
                is_pair = (truth == i) | (truth == i + 1)
                cues[is_pair, i] = 1.6 * np.where(truth[is_pair] == i, 1.0, -1.0) + rng.normal(size=is_pair.sum())
        self.X = np.concatenate([plain, cues], axis=1)
        folds = fold_pairs(grouped_folds(truth, self.groups, n_folds=5, random_state=seed))
        probas = out_of_fold_head_probas(plain, self.targets, folds)
        self.probas = apply_temperature(probas, fit_temperature(probas, self.targets))

    def find(self, **changes):
        given = {"probas": self.probas, "X": self.X, "targets": self.targets, "groups": self.groups, **changes}
        return find_specialists(**given, feature_space="test@1")


def test_negative_control_vectors_without_a_cue_ship_nothing_and_change_nothing():
    for seed in range(100, 104):
        season = Season(seed, has_cue=False)
        found = season.find()
        assert found.verdict.outcome in {"no_gain", "not_proven", "no_pairs"}
        assert found.meta_model is None
        assert found.probas is season.probas


def test_positive_control_what_only_a_pair_can_read_is_found_and_shipped():
    season = Season(0, has_cue=True, wild=4.0)
    found = season.find()
    assert found.verdict.outcome == "shipped"
    assert all(difference.low > 0.02 for difference in found.verdict.differences.values())
    truth = season.targets.argmax(axis=1)
    assert (found.probas.argmax(axis=1) == truth).mean() > (season.probas.argmax(axis=1) == truth).mean() + 0.04
    assert np.allclose(found.probas.sum(axis=1), 1)
    model = found.meta_model
    assert model is not None
    assert len(model.heads) == len(model.mixtures) >= 3
    json.dumps(found.verdict.to_dict(), allow_nan=False)
    again = MetaModel.from_parts(json.loads(json.dumps(model.settings)), model.to_arrays())
    assert np.array_equal(again.apply(season.probas, season.X), model.apply(season.probas, season.X))


def test_what_a_plain_model_would_gain_too_is_no_gain_of_specialists():
    """The cue is there, and a flat head on the same vectors, pooled with the ensemble, reads it as well."""
    found = Season(0, has_cue=True).find()
    assert found.verdict.outcome in {"shipped", "not_proven"}
    assert found.verdict.differences["base"].low > 0
    for rival in RIVALS:
        assert found.verdict.differences[rival].mean < found.verdict.differences["base"].mean
    assert (found.verdict.outcome == "shipped") == all(d.low > 0 for d in found.verdict.differences.values())


def test_cheap_questions_come_first():
    fits = []
    season = Season(0, has_cue=False, n=300)
    few = season.find(groups=np.arange(300) // 40, before_fit=lambda: fits.append(1))
    assert (few.verdict.outcome, few.verdict.n_groups) == ("too_few", 8)
    sure = season.find(probas=season.targets * 0.96 + 0.01, before_fit=lambda: fits.append(1))
    assert sure.verdict.outcome == "no_pairs"
    assert fits == []


def test_an_error_that_cannot_be_told_survives_json():
    verdict = Verdict("no_gain", [Mixture((0, 1), 0.0, 0.1, float("inf"), 3)], {}, 30, 12)
    assert json.loads(json.dumps(verdict.to_dict(), allow_nan=False))["pairs"][0]["standard_error"] is None


def test_a_fit_may_be_stopped():
    class Stopped(Exception):
        pass

    def stop():
        raise Stopped

    with pytest.raises(Stopped):
        Season(0, has_cue=True).find(before_fit=stop)
