"""Members of the ensemble: one contract of a learner, whatever learns inside.

What the public methods promise is checked here once, in front of the hooks (`_fit`, `_predict_proba`, `_embed`,
`write_files`, `read_files`) that a learner fills in: photos and features are what they should be, nothing predicts
before it was fitted, and a saved folder is whole or absent.
"""

from __future__ import annotations

import abc
import dataclasses
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from classifier.artifacts import Incompatible, folder_in_one_step, read_manifest, write_manifest
from classifier.core.contracts import (
    Array,
    CurvePoint,
    LogLevel,
    TrainingConfig,
    TrainingData,
    check_features,
    check_photos,
)

Fold = tuple[Array, Array]
#: What `Member.read_files` may raise on bytes that are no member: archives, JSON and arrays all complain differently.
UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, zipfile.BadZipFile)
KIND = "member"


class NotFitted(RuntimeError):
    """The member has learned nothing yet."""


@dataclasses.dataclass(frozen=True, slots=True)
class MemberContext:
    """What a member may use while it learns.

    Args:
        checkpoint_dir: Its own folder; survives a crash.
        report: Called with (share of this member's work done, step for people, finished epoch or None).
        log: Called with a level and a line for the run's log.
        should_stop: Asked at least once a second of computing.
    """

    checkpoint_dir: Path
    report: Callable[[float, str, CurvePoint | None], None] = lambda done, step, curve: None
    log: Callable[[LogLevel, str], None] = lambda level, message: None
    should_stop: Callable[[], bool] = lambda: False


class Member(abc.ABC):
    """Something that learns stages from photos.

    A subclass is made by `prepare` before a training or by `load` from a saved folder. All rows below are rows of
    the `TrainingData`. A loaded member predicts and embeds; it is not trained further.

    Any set of labels that is valid `TrainingData` gets a sensible answer: a stage without a single photo among the
    rows keeps a small probability, and one stage alone is answered with near certainty.
    """

    name: ClassVar[str]
    #: Pretrained network inside and the hash of its weights; empty without one.
    backbone: str = ""
    weights_hash: str = ""
    #: Feature space of the `features` that `predict_proba` takes; empty when it looks at the photos themselves.
    feature_space: str = ""
    #: Length of those features; None when it takes none.
    feature_dimension: int | None = None

    @classmethod
    @abc.abstractmethod
    def prepare(cls, config: TrainingConfig, data: TrainingData) -> Self:
        """Get ready to learn.

        Raises:
            Unavailable: Something it needs cannot be had, or it does not fit these photos; it is left out of the
                ensemble with this reason.
        """

    @property
    @abc.abstractmethod
    def n_params(self) -> int:
        """Number of weights, frozen ones included."""

    @property
    @abc.abstractmethod
    def n_stages(self) -> int:
        """Number of stages, K; 0 before it was fitted or loaded."""

    @abc.abstractmethod
    def estimated_seconds(self, data: TrainingData, n_train: int) -> float:
        """Guess the time of all fits on two CPU cores; only the ratio between members matters."""

    @abc.abstractmethod
    def fit_out_of_fold(self, data: TrainingData, folds: Sequence[Fold], context: MemberContext) -> Array:
        """Score every training photo by a copy that has not seen its group.

        Args:
            data: All photos.
            folds: (training rows, validation rows); the validation rows partition the training photos.
            context: Checkpoints and callbacks.

        Returns:
            Probabilities (n, K); rows outside the folds are 0.
        """

    def fit(self, data: TrainingData, rows: Array, context: MemberContext) -> None:
        """Learn from photos; after `fit_out_of_fold` on the same object it may use what the folds have shown.

        Args:
            data: All photos.
            rows: Rows to learn from, int (m,).
            context: Checkpoints and callbacks.

        Raises:
            ValueError: There are no rows, or rows that are not there.
            TrainingStopped: The context's `should_stop` answered true.
        """
        if len(rows) == 0:
            raise ValueError(f"{self.name} needs at least one labelled photo")
        if rows.min() < 0 or rows.max() >= len(data.images):
            raise ValueError(f"rows of the photos are 0 to {len(data.images) - 1}, not {rows.min()} to {rows.max()}")
        self._fit(data, rows, context)

    def predict_proba(
        self, images: Array, features: Array | None = None, should_stop: Callable[[], bool] = lambda: False
    ) -> Array:
        """Probabilities of the stages.

        Args:
            images: uint8 (n, h, w, 3), any size.
            features: Their vectors (n, d) in `feature_space`, if they are at hand.
            should_stop: Asked between batches.

        Returns:
            float64 (n, K), rows sum to one.

        Raises:
            ValueError: Photos of another type or shape; features that are not finite or not of this space.
            NotFitted: It has learned nothing yet.
            TrainingStopped: `should_stop` answered true.
        """
        self._check(images, features)
        if len(images) == 0:
            return np.zeros((0, self.n_stages))
        return self._predict_proba(images, features, should_stop)

    def embed(
        self, images: Array, features: Array | None = None, should_stop: Callable[[], bool] = lambda: False
    ) -> Array:
        """Give the vectors it tells stages apart by; arguments and errors as for `predict_proba`.

        Returns:
            float32 (n, e).
        """
        self._check(images, features)
        return self._embed(images, features, should_stop)

    def save(self, folder: Path) -> None:
        """Write the fitted member, without pickles; a crash half-way leaves what was there before.

        Args:
            folder: Replaced if it exists.

        Raises:
            NotFitted: It has learned nothing yet.
        """
        if not self.n_stages:
            raise NotFitted(f"{self.name} has not been fitted")
        with folder_in_one_step(Path(folder)) as part:
            self.write_files(part)
            write_manifest(part, kind=KIND, metadata={"member": self.name})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            Corrupt: Files are missing or changed.
            Incompatible: Another format, another member, or a network this version cannot read.
        """
        folder = Path(folder)
        found = read_manifest(folder, kind=KIND).metadata.get("member")
        if found != cls.name:
            raise Incompatible(f"{folder.name} holds {found}, not {cls.name}")
        try:
            return cls.read_files(folder)
        except UNREADABLE as error:
            # The bytes are what was written, so this version cannot read them.
            raise Incompatible(f"{folder.name} cannot be loaded by this version: {error}") from error

    @abc.abstractmethod
    def write_files(self, folder: Path) -> None:
        """Write the files of a fitted member into an existing folder; whoever calls makes that one step."""

    @classmethod
    @abc.abstractmethod
    def read_files(cls, folder: Path) -> Self:
        """Read what `write_files` wrote; whoever calls has checked the hashes.

        Raises:
            UNREADABLE: They cannot be read.
        """

    @abc.abstractmethod
    def _fit(self, data: TrainingData, rows: Array, context: MemberContext) -> None: ...

    @abc.abstractmethod
    def _predict_proba(self, images: Array, features: Array | None, should_stop: Callable[[], bool]) -> Array: ...

    @abc.abstractmethod
    def _embed(self, images: Array, features: Array | None, should_stop: Callable[[], bool]) -> Array: ...

    def _check(self, images: Array, features: Array | None) -> None:
        check_photos(images)
        if features is not None and self.feature_space:
            check_features(features, len(images), self.feature_dimension)
        if not self.n_stages:
            raise NotFitted(f"{self.name} has not been fitted")
