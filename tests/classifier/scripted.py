"""A runtime without networks, which does as it is told: for tests of what surrounds training and scoring."""

from __future__ import annotations

import io

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from classifier import artifacts
from classifier.core.contracts import FeatureSpace, Progress, TrainedEnsemble, TrainingStopped
from classifier.core.meta_model import Verdict
from classifier.core.metrics import evaluate
from classifier.core.operating_points import fit_operating_points
from labeling.storage_keys import rendition_key
from tests.classifier.worlds import DIMENSION
from tests.factories.classifier import FEATURE_SPACE


def renditions_store(photos, size=(80, 60)):
    """Give photos a red ``model`` rendition in storage."""
    jpeg = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(jpeg, "JPEG", quality=95)
    for photo in photos:
        default_storage.save(rendition_key(photo.sha256, "model"), ContentFile(jpeg.getvalue()))


class Ensemble:
    """Names the second of three stages, with the photos it was asked about."""

    feature_space = FEATURE_SPACE

    def predict_proba(self, images, features=None):
        return np.tile([0.1, 0.8, 0.1], (len(images), 1))

    def save(self, folder):
        (folder / "weights.bin").write_bytes(b"weights")
        artifacts.write_manifest(folder, kind="ensemble", metadata={})


class ScriptedRuntime:
    """Stands in for the networks: ``during`` is what happens while they train."""

    def __init__(self, during=lambda **_: None, skill=1.0):
        self.during, self.skill, self.calls, self.embedded, self.loaded = during, skill, 0, 0, 0

    def feature_space(self, weights_dir):
        return FeatureSpace(FEATURE_SPACE, DIMENSION)

    def embed(self, images, weights_dir):
        """The first number is the mean red of the photo."""
        self.embedded += len(images)
        vectors = np.zeros((len(images), DIMENSION), np.float16)
        vectors[:, 0] = images[..., 0].mean(axis=(1, 2))
        return vectors

    def load_ensemble(self, folder):
        artifacts.read_manifest(folder, kind="ensemble")
        self.loaded += 1
        return Ensemble()

    def train_ensemble(self, data, config, *, checkpoint_dir, on_progress, on_log, should_stop, events_dir=None):
        self.calls += 1
        curve = {
            "member": "scripted", "fold": 1, "epoch": 1, "epochs": 2, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.1,
            "val_accuracy": 0.4,
        }  # fmt: skip
        on_progress(Progress(0.5, "scripted: fold 1/2, epoch 1/2", 12.0, curve))
        on_log("info", "half-way")
        self.during(checkpoint_dir=checkpoint_dir, should_stop=should_stop, on_progress=on_progress)
        if should_stop():
            raise TrainingStopped
        return self.trained(data)

    def trained(self, data):
        train, held_out = np.flatnonzero(~data.is_held_out), np.flatnonzero(data.is_held_out)
        probas = np.where(data.targets > 0.5, 0.8, 0.1).astype(float)
        if self.skill == 0:
            probas = np.roll(probas, 1, axis=1)
        scores = {
            "held_out": evaluate(probas[held_out], data.targets[held_out], data.groups[held_out], n_resamples=50),
            "out_of_fold": evaluate(probas[train], data.targets[train], data.groups[train], n_resamples=50),
        }
        members = [{"name": "scripted", "backbone": "", "weights_hash": "", "n_params": 7, "stacking_weight": 1.0,
                    "left_out": ""}]  # fmt: skip
        return TrainedEnsemble(
            Ensemble(), members, {"scripted": 1.0}, 1.0, train, held_out, probas[train], probas[held_out], scores,
            "test device", 1.0, Verdict("no_pairs", n_photos=len(train), n_groups=len(set(data.groups[train]))),
            fit_operating_points(probas[train], data.targets[train].argmax(axis=1), data.groups[train]),
        )  # fmt: skip
