"""Members that learn on fixed feature vectors: all but what they learn is the same."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Protocol, Self

import numpy as np

from classifier.core.contracts import Array, TrainingConfig, TrainingData, TrainingStopped
from classifier.nn.checkpoints import load_arrays, save_arrays
from classifier.nn.embedders import Embedder, obtain_embedder, read_embedder
from classifier.nn.members import Fold, Member, MemberContext

#: Small photos blown up to the backbone's input cost many points; a line in the log says so.
_BLURRED_BELOW = 128
_FEATURES_SHARE = 0.5


class FeatureModel(Protocol):
    """What a `FeatureMember` learns: plain NumPy arrays, so that it predicts the same on every backend."""

    @property
    def n_stages(self) -> int:
        """Number of stages, K."""

    def predict_proba(self, X: Array) -> Array:
        """Probabilities (n, K) for vectors (n, d)."""

    def embed(self, X: Array) -> Array:
        """Vectors float32 (n, e) it compares by, for vectors (n, d)."""

    def to_arrays(self) -> dict[str, Array]:
        """All there is to store."""


@dataclasses.dataclass(frozen=True, slots=True)
class FeatureRows:
    """The photos a `FeatureMember` learns from.

    Args:
        X: Vectors float32 (m, d).
        targets: Label distributions (m, K).
        groups: Groups (m,).
        is_ordered: Whether the stages have an order.
    """

    X: Array
    targets: Array
    groups: Array
    is_ordered: bool


class FeatureMember(Member):
    """A member that reads photos through an `Embedder` and learns on the vectors.

    Args:
        embedder: The feature space.
        config: How to train; None once loaded.

    Attributes:
        embedder: As given.
        model: What was learned; None before.
    """

    #: File of the model's arrays.
    file: ClassVar[str] = "model.npz"
    model_class: ClassVar[type]
    #: Photos learned from a second, for the estimate of time.
    rows_per_second: ClassVar[float] = 1000.0

    def __init__(self, embedder: Embedder, config: TrainingConfig | None = None) -> None:
        self.backbone, self.weights_hash = embedder.backbone, embedder.weights_hash
        self.feature_space, self.feature_dimension = embedder.space.name, embedder.space.dimension
        self.embedder = embedder
        self._config = config
        self.model: FeatureModel | None = None
        self._features: Array | None = None

    @classmethod
    def prepare(cls, config: TrainingConfig, data: TrainingData) -> Self:
        cls.check_fits(data)
        return cls(obtain_embedder(config), config)

    @classmethod
    def check_fits(cls, data: TrainingData) -> None:
        """Refuse photos that this member can learn nothing from.

        Raises:
            Unavailable: With the reason.
        """

    @property
    def n_params(self) -> int:
        arrays = {} if self.model is None else self.model.to_arrays()
        return self.embedder.n_params + int(sum(array.size for array in arrays.values()))

    @property
    def n_stages(self) -> int:
        return 0 if self.model is None else self.model.n_stages

    def estimated_seconds(self, data: TrainingData, n_train: int) -> float:
        return (
            3 + n_train / self.rows_per_second + (0 if self._matches(data) else len(data.images) / self.embedder.rate)
        )

    def fit_out_of_fold(self, data: TrainingData, folds: Sequence[Fold], context: MemberContext) -> Array:
        self._begin()
        features = self._features_of(data, context)
        probas = np.zeros(data.targets.shape)
        step = (1 - _FEATURES_SHARE) / (len(folds) + 1)
        for i, (train, validation) in enumerate(folds):
            done = _FEATURES_SHARE + step * i
            context.report(done, f"{self.name}: fold {i + 1}/{len(folds)}", None)
            model = self._learn_rows(data, train, _part_of(context, done, step), fold=i + 1)
            probas[validation] = model.predict_proba(features[validation])
        return probas

    def vectors(self, images: Array, features: Array | None, should_stop: Callable[[], bool]) -> Array:
        """Give the vectors float32 (n, d) of photos in `feature_space`: `features`, or computed."""
        if features is None:

            def stop_if_asked(done: int, n: int) -> None:
                if should_stop():
                    raise TrainingStopped

            features = self.embedder.embed(images, stop_if_asked)
        return np.asarray(features, dtype=np.float32)

    def write_files(self, folder: Path) -> None:
        if self.model is None:
            raise RuntimeError("only a fitted member is written")
        self.embedder.write_files(folder)
        names = np.array([self.backbone, self.weights_hash, self.feature_space])
        save_arrays({**self.model.to_arrays(), "names": names}, folder / self.file)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        arrays = load_arrays(folder / cls.file)
        if arrays is None:
            raise ValueError(f"{folder / cls.file} cannot be read")
        backbone, weights_hash, space_name = (str(name) for name in arrays.pop("names"))
        member = cls(read_embedder(folder, backbone=backbone, weights_hash=weights_hash, space_name=space_name))
        member.model = cls.model_class.from_arrays(arrays)  # type: ignore[attr-defined]
        return member

    @abc.abstractmethod
    def _learn(
        self, rows: FeatureRows, config: TrainingConfig, context: MemberContext, *, random_state: int
    ) -> FeatureModel:
        """Learn from some photos; `context.report` takes the share of this one fit."""

    def _fit(self, data: TrainingData, rows: Array, context: MemberContext) -> None:
        self._begin()
        self._features_of(data, context)
        done = 1 - (1 - _FEATURES_SHARE) / (self._folds() + 1)
        context.report(done, f"{self.name}: all photos", None)
        self.model = self._learn_rows(data, rows, _part_of(context, done, 1 - done), fold=0)
        self._features = None

    def _predict_proba(self, images: Array, features: Array | None, should_stop: Callable[[], bool]) -> Array:
        assert self.model is not None  # the contract has checked it
        return self.model.predict_proba(self.vectors(images, features, should_stop))

    def _embed(self, images: Array, features: Array | None, should_stop: Callable[[], bool]) -> Array:
        assert self.model is not None  # the contract has checked it
        return self.model.embed(self.vectors(images, features, should_stop))

    def _folds(self) -> int:
        return 1 if self._config is None else self._config.folds

    def _learn_rows(self, data: TrainingData, rows: Array, context: MemberContext, *, fold: int) -> FeatureModel:
        config = self._begin()
        if context.should_stop():
            raise TrainingStopped
        X = np.asarray(self._features_of(data, context)[rows], dtype=np.float32)
        known = FeatureRows(X, data.targets[rows], np.asarray(data.groups)[rows], data.is_ordered)
        return self._learn(known, config, context, random_state=config.seed + fold)

    def _begin(self) -> TrainingConfig:
        """Count as not fitted until a fit has ended."""
        if self._config is None:
            raise RuntimeError("a loaded member predicts; it is not trained further")
        self.model = None
        return self._config

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
            if data.images.shape[1] < min(_BLURRED_BELOW, self.embedder.size):
                context.log(
                    "warning", f"{self.name}: photos of {data.images.shape[1]} px are enlarged for the backbone"
                )

            def before_batch(done: int, n: int) -> None:
                if context.should_stop():
                    raise TrainingStopped
                context.report(_FEATURES_SHARE * done / n, f"{self.name}: features {done}/{n}", None)

            stored = {"features": self.embedder.embed(data.images, before_batch)}
            save_arrays(stored, path)
        self._features = stored["features"]
        return self._features


def _part_of(context: MemberContext, start: float, share: float) -> MemberContext:
    """A context whose progress fills the part [start, start + share] of the given one."""
    return dataclasses.replace(
        context, report=lambda done, step, curve: context.report(start + share * min(done, 1.0), step, curve)
    )
