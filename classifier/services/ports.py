"""What the services need of the networks, so that they can be handed ``classifier.runtime`` without importing it.

Only a task of an ml worker imports the runtime (and with it TensorFlow) and passes it in.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from classifier.core.contracts import (
    Array,
    FeatureSpace,
    Predictor,
    Progress,
    TrainedEnsemble,
    TrainingConfig,
    TrainingData,
)


class Runtime(Protocol):
    """The functions of ``classifier.runtime`` that services call."""

    def feature_space(self, weights_dir: str) -> FeatureSpace: ...

    def embed(self, images: Array, weights_dir: str) -> Array: ...

    def load_ensemble(self, folder: Path) -> Predictor: ...

    def train_ensemble(
        self,
        data: TrainingData,
        config: TrainingConfig,
        *,
        checkpoint_dir: Path,
        on_progress: Callable[[Progress], None],
        on_log: Callable[[str, str], None],
        should_stop: Callable[[], bool],
        events_dir: Path | None = None,
    ) -> TrainedEnsemble: ...
