"""What the services need of the networks, so that they can be handed ``classifier.runtime`` without importing it.

Only a task of an ml worker imports the runtime (and with it TensorFlow) and passes it in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from classifier.core.contracts import (
    Array,
    FeatureSpace,
    Predictor,
    Progress,
    TrainedEnsemble,
    TrainingConfig,
    TrainingData,
)
from classifier.core.exporting import Parity


class Runtime(Protocol):
    """The functions of ``classifier.runtime`` that services call."""

    def feature_space(self, weights_dir: str) -> FeatureSpace: ...

    def embed(self, images: Array, weights_dir: str) -> Array: ...

    def load_ensemble(self, folder: Path) -> Predictor: ...

    def export_ensemble(
        self,
        ensemble: Predictor,
        folder: Path,
        *,
        format_name: str,
        facts: Mapping[str, Any],
        probes: Array | None,
        on_step: Callable[[int, int], None],
        should_stop: Callable[[], bool],
    ) -> Parity: ...

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
