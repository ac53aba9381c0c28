"""The seam between the product and its networks.

Only tasks on the ``score`` and ``train`` queues import this module. It loads Keras when a function first needs it:
with no pretrained weights configured, `feature_space` and `embed` never do.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.core import descriptors
from classifier.core.contracts import (
    Array,
    FeatureSpace,
    LogLevel,
    Predictor,
    Progress,
    TrainedEnsemble,
    TrainingConfig,
    TrainingData,
    TrainingStopped,
)
from classifier.core.exporting import Parity
from classifier.nn.registry import FoundBackbone, Unavailable, find_backbone

if TYPE_CHECKING:
    from classifier.nn.ensemble import Ensemble
    from classifier.nn.plain_fits import PlainFits

__all__ = [
    "TrainingStopped",
    "configure_threads",
    "device_name",
    "device_settings",
    "embed",
    "export_ensemble",
    "feature_space",
    "load_ensemble",
    "plain_fits",
    "train_ensemble",
]


_device: dict[str, Any] = {"memory_mb": 0, "is_mixed": False}


def device_settings(*, memory_mb: int, is_mixed: bool) -> None:
    """Say how networks use this worker's device; taken up when the first one is loaded.

    Args:
        memory_mb: Of a GPU, at most; 0 takes what is needed when it is needed.
        is_mixed: Compute in bfloat16 where there is a GPU or TPU.
    """
    _device.update(memory_mb=memory_mb, is_mixed=is_mixed)


def feature_space(weights_dir: str) -> FeatureSpace:
    """Name the space that `embed` maps photos into.

    Args:
        weights_dir: Folder with pretrained weights (a KERAS_HOME or its ``models`` folder), or "".

    Returns:
        The space of the best backbone found there, else of the colour and gradient descriptor.
    """
    found = _backbone_or_none(weights_dir)
    return found.space if found is not None else descriptors.SPACE


def embed(images: Array, weights_dir: str) -> Array:
    """Map photos into `feature_space`.

    Args:
        images: uint8 (n, h, w, 3). A backbone reads 224 pixels, so smaller photos lose detail.
        weights_dir: As for `feature_space`.

    Returns:
        float16 (n, d).
    """
    found = _backbone_or_none(weights_dir)
    if found is None:
        return descriptors.describe(images).astype("float16")
    from classifier.nn.backbones import extract_features  # noqa: PLC0415 - loads TensorFlow, seconds

    return extract_features(_network(found), images)


def train_ensemble(
    data: TrainingData,
    config: TrainingConfig,
    *,
    checkpoint_dir: Path,
    on_progress: Callable[[Progress], None],
    on_log: Callable[[LogLevel, str], None],
    should_stop: Callable[[], bool],
    events_dir: Path | None = None,
) -> TrainedEnsemble:
    """Train an ensemble, or go on where a killed process stopped.

    Called again with the same data and settings, finished folds are not fitted again and a started fold goes on from
    its last epoch.

    Args:
        data: Photos and label distributions.
        config: Settings.
        checkpoint_dir: Kept between attempts of one run; the caller removes it afterwards.
        on_progress: Called at least once an epoch.
        on_log: Called with (level, line for people).
        should_stop: Asked before every batch; keep it cheap or throttle it.
        events_dir: Where each epoch is written for TensorBoard; None: nowhere.

    Returns:
        The refitted ensemble with out-of-fold and held-out figures.

    Raises:
        TrainingStopped: `should_stop` answered true.
        TooFewGroups: All photos belong to one group (``classifier.core.splits``).
        NoMember: No member is available.
    """
    configure_threads(config.threads)
    from classifier.nn.event_files import EventFiles  # noqa: PLC0415 - as below
    from classifier.nn.training import train  # noqa: PLC0415 - loads TensorFlow, seconds

    events = EventFiles(events_dir) if events_dir is not None else None

    def report(progress: Progress) -> None:
        on_progress(progress)
        if events is not None:
            events(progress)

    try:
        return train(
            data,
            config,
            checkpoint_dir=checkpoint_dir,
            on_progress=report,
            on_log=on_log,
            should_stop=should_stop,
        )
    finally:
        if events is not None:
            events.close()


def load_ensemble(folder: Path | str) -> Ensemble:
    """Load a saved ensemble.

    Raises:
        Corrupt: Files are missing or changed (``classifier.artifacts``).
        Incompatible: Another version wrote it.
    """
    configure_threads(0)
    from classifier.nn.ensemble import Ensemble  # noqa: PLC0415 - loads TensorFlow, seconds

    return Ensemble.load(Path(folder))


def export_ensemble(
    ensemble: Predictor,
    folder: Path,
    *,
    format_name: str,
    facts: Mapping[str, Any],
    probes: Array | None = None,
    on_step: Callable[[int, int], None] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Parity:
    """Write an ensemble for other programs: one graph, its labels, a card; see ``nn.exporting.bundle.write_bundle``.

    Raises:
        NotExportable: The ensemble does not fit into one graph, or this process cannot write the format.
        ParityFailed: What was written does not answer as the ensemble does.
        TrainingStopped: `should_stop` answered true.
    """
    from classifier.nn.ensemble import Ensemble as Fitted  # noqa: PLC0415 - loads TensorFlow, seconds
    from classifier.nn.exporting.bundle import write_bundle  # noqa: PLC0415

    if not isinstance(ensemble, Fitted):
        raise TypeError(f"an ensemble of load_ensemble is exported, not {type(ensemble).__name__}")
    return write_bundle(
        ensemble,
        folder,
        format_name=format_name,
        facts=facts,
        probes=probes,
        on_step=on_step,
        should_stop=should_stop,
    )


def plain_fits(*, epochs: int, min_steps: int = 0) -> PlainFits:
    """Make networks from scratch that learn from some photos and score others, for studies."""
    from classifier.nn.plain_fits import PlainFits, PlainSettings  # noqa: PLC0415 - loads TensorFlow, seconds

    return PlainFits(PlainSettings(epochs=epochs, min_steps=min_steps))


def configure_threads(threads: int) -> None:
    """Limit CPU threads of a scoring process; call before the first photo. 0 leaves the framework's choice."""
    from classifier.nn import devices  # noqa: PLC0415 - loads TensorFlow, seconds

    devices.configure(threads, **_device)


def device_name() -> str:
    """Name what networks run on here, for people."""
    from classifier.nn import devices  # noqa: PLC0415 - loads TensorFlow, seconds

    return devices.device_name()


def _backbone_or_none(weights_dir: str) -> FoundBackbone | None:
    try:
        return find_backbone(weights_dir)
    except Unavailable:
        return None


@functools.lru_cache(maxsize=1)
def _network(found: FoundBackbone) -> Any:
    configure_threads(0)
    from classifier.nn.backbones import build_backbone  # noqa: PLC0415 - loads TensorFlow, seconds

    return build_backbone(found.spec, found.path)
