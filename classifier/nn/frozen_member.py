"""The member that reads photos through a frozen pretrained network and learns only a linear head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from classifier.core.contracts import FROZEN_BACKBONE, Array, TrainingConfig, TrainingData, TrainingStopped
from classifier.core.heads import Head, fit_head
from classifier.nn.backbones import build_backbone, extract_features, obtain_backbone
from classifier.nn.checkpoints import load_arrays, save_arrays
from classifier.nn.members import Fold, Member, MemberContext
from classifier.nn.registry import FoundBackbone

_NETWORK, _HEAD = "backbone.keras", "head.npz"
_IMAGES_PER_SECOND = 200
#: Small photos blown up to the backbone's input cost many points; a line in the log says so.
_BLURRED_BELOW = 128


class FrozenBackboneHead(Member):
    """Soft-ordinal logistic head on the features of a ``keras.applications`` network.

    Args:
        network: Photos to features.
        backbone, weights_hash, feature_space: See `Member`.
        config: How to train; None once loaded.
    """

    name = FROZEN_BACKBONE

    def __init__(
        self,
        network: keras.Model,
        *,
        backbone: str,
        weights_hash: str,
        feature_space: str,
        config: TrainingConfig | None = None,
    ) -> None:
        self.backbone = backbone
        self.weights_hash = weights_hash
        self.feature_space = feature_space
        self._network = network
        self._config = config
        self._head: Head | None = None
        self._features: Array | None = None

    @classmethod
    def prepare(cls, config: TrainingConfig, data: TrainingData) -> FrozenBackboneHead:
        found = obtain_backbone(config.weights_dir, config.backbone, allow_download=config.allow_download)
        return cls.from_backbone(found, config)

    @classmethod
    def from_backbone(cls, found: FoundBackbone, config: TrainingConfig | None = None) -> FrozenBackboneHead:
        """Build on weights that were found."""
        return cls(
            build_backbone(found.spec, found.path),
            backbone=found.spec.name,
            weights_hash=found.sha256,
            feature_space=found.space.name,
            config=config,
        )

    @property
    def n_params(self) -> int:
        head = 0 if self._head is None else self._head.weights.size + self._head.bias.size
        return int(self._network.count_params()) + int(head)

    def estimated_seconds(self, data: TrainingData, n_train: int) -> float:
        return 3 + n_train / 1000 + (0 if self._matches(data) else len(data.images) / _IMAGES_PER_SECOND)

    def fit_out_of_fold(self, data: TrainingData, folds: Sequence[Fold], context: MemberContext) -> Array:
        features = self._features_of(data, context)
        probas = np.zeros(data.targets.shape)
        for i, (train, validation) in enumerate(folds):
            context.report(0.7 + 0.2 * i / len(folds), f"{self.name}: fold {i + 1}/{len(folds)}", None)
            probas[validation] = self._fit(data, features, train, context).predict_proba(features[validation])
        return probas

    def fit_full(self, data: TrainingData, rows: Array, context: MemberContext) -> None:
        context.report(0.9, f"{self.name}: all photos", None)
        self._head = self._fit(data, self._features_of(data, context), rows, context)
        self._features = None

    def predict_proba(
        self, images: Array, features: Array | None = None, should_stop: Callable[[], bool] = lambda: False
    ) -> Array:
        if self._head is None:
            raise RuntimeError("this member has not been fitted")
        if features is None:

            def stop_if_asked(done: int, n: int) -> None:
                if should_stop():
                    raise TrainingStopped

            features = extract_features(self._network, images, before_batch=stop_if_asked)
        return self._head.predict_proba(features)

    def save(self, folder: Path) -> None:
        if self._head is None:
            raise RuntimeError("this member has not been fitted")
        self._network.save(folder / _NETWORK)
        names = np.array([self.backbone, self.weights_hash, self.feature_space])
        save_arrays({**self._head.to_arrays(), "names": names}, folder / _HEAD)

    @classmethod
    def load(cls, folder: Path) -> FrozenBackboneHead:
        arrays = load_arrays(folder / _HEAD)
        if arrays is None:
            raise ValueError(f"{folder / _HEAD} cannot be read")
        backbone, weights_hash, feature_space = (str(name) for name in arrays["names"])
        network = keras.models.load_model(folder / _NETWORK, compile=False, safe_mode=True)
        member = cls(network, backbone=backbone, weights_hash=weights_hash, feature_space=feature_space)
        member._head = Head.from_arrays(arrays)
        return member

    def _matches(self, data: TrainingData) -> bool:
        return data.features is not None and data.feature_space == self.feature_space

    def _features_of(self, data: TrainingData, context: MemberContext) -> Array:
        """Vectors of all photos: the caller's when they are of this space, else computed once and kept on disk."""
        if self._features is not None:
            return self._features
        if self._matches(data) and data.features is not None:
            self._features = data.features
            return self._features
        path = context.checkpoint_dir / "features.npz"
        stored = load_arrays(path)
        if stored is None or len(stored["features"]) != len(data.images):
            if data.images.shape[1] < _BLURRED_BELOW:
                context.log(
                    "warning", f"{self.name}: photos of {data.images.shape[1]} px are enlarged for the backbone"
                )

            def before_batch(done: int, n: int) -> None:
                if context.should_stop():
                    raise TrainingStopped
                context.report(0.7 * done / n, f"{self.name}: features {done}/{n}", None)

            stored = {"features": extract_features(self._network, data.images, before_batch=before_batch)}
            save_arrays(stored, path)
        self._features = stored["features"]
        return self._features

    def _fit(self, data: TrainingData, features: Array, rows: Array, context: MemberContext) -> Head:
        if self._config is None:
            raise RuntimeError("a loaded member predicts; it is not trained further")
        if context.should_stop():
            raise TrainingStopped
        return fit_head(
            features[rows],
            data.targets[rows],
            groups=data.groups[rows],
            strength=None,
            tau=self._config.tau,
            is_ordered=data.is_ordered,
            random_state=self._config.seed,
        )
