"""Members of the ensemble: one contract, whatever learns inside."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from classifier.core.contracts import Array, CurvePoint, LogLevel, TrainingConfig, TrainingData

Fold = tuple[Array, Array]


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
    report: Callable[[float, str, CurvePoint | None], None]
    log: Callable[[LogLevel, str], None]
    should_stop: Callable[[], bool]


class Member(abc.ABC):
    """Something that learns stages from photos.

    A subclass is made by `prepare` before a training or by `load` from a saved ensemble. All rows below are rows of
    the `TrainingData`.
    """

    name: ClassVar[str]
    #: Pretrained network inside and the hash of its weights; empty without one.
    backbone: str = ""
    weights_hash: str = ""
    #: Feature space of the `features` that `predict_proba` takes; empty when it looks at the photos themselves.
    feature_space: str = ""

    @classmethod
    @abc.abstractmethod
    def prepare(cls, config: TrainingConfig, data: TrainingData) -> Member:
        """Get ready to learn.

        Raises:
            Unavailable: Something it needs cannot be had; it is left out of the ensemble.
        """

    @property
    @abc.abstractmethod
    def n_params(self) -> int:
        """Number of weights, frozen ones included."""

    @abc.abstractmethod
    def estimated_seconds(self, data: TrainingData, n_train: int) -> float:
        """Guess the time of both fits on two CPU cores; only the ratio between members matters."""

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

    @abc.abstractmethod
    def fit_full(self, data: TrainingData, rows: Array, context: MemberContext) -> None:
        """Learn from all training rows; called after `fit_out_of_fold` on the same object."""

    @abc.abstractmethod
    def predict_proba(
        self, images: Array, features: Array | None = None, should_stop: Callable[[], bool] = lambda: False
    ) -> Array:
        """Probabilities (n, K) for photos uint8 (n, h, w, 3) of any size.

        Args:
            images: The photos.
            features: Their vectors in `feature_space`, if they are at hand.
            should_stop: Asked between batches.
        """

    @abc.abstractmethod
    def save(self, folder: Path) -> None:
        """Write the fitted member into an existing folder; no pickles."""

    @classmethod
    @abc.abstractmethod
    def load(cls, folder: Path) -> Member:
        """Read what `save` wrote."""
