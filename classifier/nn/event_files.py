"""Epochs of a training as TensorBoard's event files."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from classifier.core.contracts import Progress

logger = logging.getLogger(__name__)


class EventFiles:
    """Writes each epoch as it is reported; a folder per member and fold, so that TensorBoard draws them together.

    Watching must not cost a training: when a file cannot be written that is logged once, and nothing more is.

    Args:
        folder: Of the run; made when the first epoch is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, Any] = {}
        self._is_broken = False

    def __call__(self, progress: Progress) -> None:
        """Write the epoch that ``progress`` reports, if it reports one."""
        point = progress.curve
        if point is None or self._is_broken:
            return
        figures = {"epoch/loss": point["loss"], "epoch/accuracy": point["accuracy"]}
        if point["fold"] > 0:  # the fit on all photos has nothing to validate on
            figures |= {"epoch/val_loss": point["val_loss"], "epoch/val_accuracy": point["val_accuracy"]}
        name = f"{point['member']}/fold-{point['fold']}" if point["fold"] else f"{point['member']}/all"
        try:
            self._write(name, point["epoch"], figures)
        except Exception as error:  # whatever a full disk or a missing TensorFlow raises
            self._is_broken = True
            logger.warning("TensorBoard's files cannot be written to %s: %s", self._folder, error)

    def close(self) -> None:
        """End the files."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _write(self, name: str, step: int, figures: dict[str, float]) -> None:
        import tensorflow as tf  # noqa: PLC0415 - other backends run without it

        if name not in self._writers:
            self._writers[name] = tf.summary.create_file_writer(str(self._folder / name))
        # ``tf.summary.scalar`` is these lines, but wants the viewer installed beside the writer.
        kind = tf.compat.v1.SummaryMetadata(data_class="DATA_CLASS_SCALAR")
        kind.plugin_data.plugin_name = "scalars"
        with self._writers[name].as_default(step=step):
            for key, value in figures.items():
                tf.summary.write(key, tf.constant(value, tf.float32), metadata=kind)
        self._writers[name].flush()
