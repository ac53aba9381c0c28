"""Training through the seam: results, resuming, stopping."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from classifier import runtime
from classifier.artifacts import Corrupt
from classifier.core.contracts import Metrics, TrainingConfig, TrainingStopped
from classifier.core.splits import TooFewGroups
from tests.classifier.nn.photos import tiny_config, tiny_data

pytestmark = pytest.mark.nn
WEIGHTS = Path(__file__).resolve().parents[4] / "shared" / "weights" / "keras"


class Watcher:
    """Keeps what a training says and asks it to stop after some epochs."""

    def __init__(self, stop_after=None):
        self.progress, self.log, self.stop_after = [], [], stop_after

    @property
    def epochs(self):
        return [(p.curve["fold"], p.curve["epoch"]) for p in self.progress if p.curve]

    def should_stop(self):
        return self.stop_after is not None and len(self.epochs) >= self.stop_after

    def train(self, data, config, folder):
        return runtime.train_ensemble(
            data,
            config,
            checkpoint_dir=folder,
            on_progress=self.progress.append,
            on_log=lambda level, message: self.log.append((level, message)),
            should_stop=self.should_stop,
        )


ALL_EPOCHS = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (0, 1)]


@pytest.fixture(scope="module")
def config():
    return tiny_config(epochs=3, patience=9)


@pytest.fixture(scope="module")
def straight(config, tmp_path_factory):
    watcher = Watcher()
    return watcher, watcher.train(tiny_data(), config, tmp_path_factory.mktemp("straight"))


def test_result_is_complete(straight):
    watcher, result = straight
    data = tiny_data()
    assert result.out_of_fold_probabilities.shape == (40, 3)
    assert result.held_out_probabilities.shape == (8, 3)
    assert not data.is_held_out[result.train_rows].any()
    assert data.is_held_out[result.held_out_rows].all()
    assert set(result.evaluations) == {"held_out", "out_of_fold"}
    for metrics in result.evaluations.values():
        assert set(metrics) == set(Metrics.__annotations__)
        json.dumps(metrics, allow_nan=False)
    assert sum(result.stacking_weights.values()) == pytest.approx(1)
    assert result.device
    fractions = [p.fraction for p in watcher.progress]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < 0.1 < 0.9 < fractions[-1] <= 1


def test_a_stopped_training_goes_on_where_it_was(straight, config, tmp_path):
    whole, expected = straight
    first = Watcher(stop_after=4)
    with pytest.raises(TrainingStopped):
        first.train(tiny_data(), config, tmp_path)
    assert first.epochs == [(1, 1), (1, 2), (1, 3), (2, 1)]
    second = Watcher()
    result = second.train(tiny_data(), config, tmp_path)
    assert first.epochs + second.epochs == whole.epochs
    assert np.allclose(result.out_of_fold_probabilities, expected.out_of_fold_probabilities, atol=1e-3)


def test_a_damaged_checkpoint_starts_its_fold_over(config, tmp_path):
    with pytest.raises(TrainingStopped):
        Watcher(stop_after=2).train(tiny_data(), config, tmp_path)
    (checkpoint,) = tmp_path.rglob("fold_1.npz")
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    again = Watcher(stop_after=1)
    with pytest.raises(TrainingStopped):
        again.train(tiny_data(), config, tmp_path)
    assert again.epochs == [(1, 1)]


def test_other_labels_never_go_on_from_these_checkpoints(config, tmp_path):
    with pytest.raises(TrainingStopped):
        Watcher(stop_after=2).train(tiny_data(), config, tmp_path)
    other = Watcher(stop_after=1)
    with pytest.raises(TrainingStopped):
        other.train(tiny_data(targets=np.roll(tiny_data().targets, 1, axis=0)), config, tmp_path)
    assert other.epochs == [(1, 1)]


def test_stopping_is_asked_before_every_batch(config, tmp_path):
    asked = []

    def should_stop():
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(TrainingStopped):
        runtime.train_ensemble(
            tiny_data(),
            config,
            checkpoint_dir=tmp_path,
            on_progress=lambda p: None,
            on_log=lambda level, message: None,
            should_stop=should_stop,
        )
    assert len(asked) == 3


def test_saved_ensemble_predicts_the_same(straight, tmp_path):
    _, result = straight
    result.ensemble.save(tmp_path / "model")
    again = runtime.load_ensemble(tmp_path / "model")
    held_out = tiny_data().images[result.held_out_rows]
    assert np.allclose(again.predict_proba(held_out), result.held_out_probabilities, atol=1e-5)
    assert again.predict_proba(held_out[:0]).shape == (0, 3)
    (weights,) = (tmp_path / "model").rglob("network.keras")
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(Corrupt):
        runtime.load_ensemble(tmp_path / "model")


def test_a_member_without_weights_is_left_out_and_said(tmp_path):
    watcher = Watcher(stop_after=1)
    with pytest.raises(TrainingStopped):
        watcher.train(tiny_data(), tiny_config(members=("scratch_cnn", "frozen_backbone")), tmp_path)
    assert any(level == "warning" and "frozen_backbone is left out" in message for level, message in watcher.log)


def test_one_group_is_refused(tmp_path):
    data = tiny_data(groups=np.zeros(48, dtype=int))
    with pytest.raises(TooFewGroups):
        Watcher().train(data, tiny_config(), tmp_path)


def test_settings_round_trip_and_typing_errors_are_seen():
    config = TrainingConfig(epochs=5, members=("scratch_cnn",))
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    with pytest.raises(ValueError, match="epoch_count"):
        TrainingConfig.from_dict({"epoch_count": 5})


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason=f"no pretrained weights beside the repository ({WEIGHTS.name})")
def test_embedding_by_a_real_backbone():
    space = runtime.feature_space(str(WEIGHTS))
    vectors = runtime.embed(tiny_data(n=3).images, str(WEIGHTS))
    assert vectors.shape == (3, space.dimension)
    assert vectors.dtype == np.float16
    assert len(space.name) <= 80
    assert "@" in space.name


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_another_backend_trains_too(tmp_path):
    code = (
        "from tests.classifier.nn.photos import *\nfrom pathlib import Path\nfrom classifier import runtime\n"
        f"r = runtime.train_ensemble(tiny_data(), tiny_config(), checkpoint_dir=Path({str(tmp_path)!r}),"
        " on_progress=lambda p: None, on_log=lambda l, m: None, should_stop=lambda: False)\nprint(r.device)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    )
    assert done.returncode == 0, done.stderr
    assert "jax" in done.stdout
