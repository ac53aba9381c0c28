"""A network from scratch as a function: photos to learn from in, scores of other photos out; nothing is kept of it."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from classifier.core.contracts import Array
from classifier.nn.cnn import BLOCKS, build_cnn
from classifier.nn.input_pipeline import steps_per_epoch
from classifier.nn.ordinal import SoftOrdinalCrossentropy
from classifier.nn.preprocessing import RowsOf
from classifier.nn.trainer import FitSettings, Trainer


@dataclasses.dataclass(frozen=True, slots=True)
class PlainSettings:
    """Of every fit; see ``TrainingConfig``. All epochs are run: nothing is kept out to stop by."""

    epochs: int
    min_steps: int = 0
    batch_size: int = 32
    learning_rate: float = 6e-3
    weight_decay: float = 0.02


class PlainFits:
    """Fits of `build_cnn`; networks of one shape share a compiled training step.

    Args:
        settings: Of every fit.
    """

    def __init__(self, settings: PlainSettings) -> None:
        self._settings = settings
        self._trainers: dict[tuple[int, int, float], Trainer] = {}

    @property
    def settings(self) -> dict[str, Any]:
        """All that scores depend on beside the arguments of `scores`; JSON-ready."""
        return {"networks": "scratch_cnn", "blocks": repr(BLOCKS), **dataclasses.asdict(self._settings)}

    def scores(self, images: Array, targets: Array, rows: Array, asked: Array, *, tau: float, seed: int) -> Array:
        """Learn from some photos and score others.

        Args:
            images: uint8 (n, s, s, 3), at the network's size.
            targets: float32 (n, K), label distributions; only those of `rows` are looked at.
            rows: Rows to learn from.
            asked: Rows to score.
            tau: Ordinal smoothing of the targets, in stages; 0 for none.
            seed: Of the weights, the order and the augmentation.

        Returns:
            float64 (len(asked), K).
        """
        trainer = self._trainer(images.shape[1], targets.shape[1], tau)
        steps = steps_per_epoch(len(rows), self._settings.batch_size)
        epochs = max(self._settings.epochs, math.ceil(self._settings.min_steps / steps))
        settings = FitSettings(
            epochs=epochs,
            batch_size=self._settings.batch_size,
            learning_rate=self._settings.learning_rate,
            weight_decay=self._settings.weight_decay,
            patience=epochs,
        )
        trainer.fit(
            images,
            targets,
            rows,
            None,
            settings,
            seed=seed,
            checkpoint=None,
            on_epoch=lambda end: None,
            should_stop=lambda: False,
        )
        return trainer.predict_proba(RowsOf(images, asked))

    def _trainer(self, side: int, n_classes: int, tau: float) -> Trainer:
        shape = (side, n_classes, tau)
        if shape not in self._trainers:
            loss = SoftOrdinalCrossentropy(n_classes, tau)
            self._trainers[shape] = Trainer(lambda: build_cnn(side, n_classes), loss)
        return self._trainers[shape]
