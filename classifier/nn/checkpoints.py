"""The state of a fit on disk, written once an epoch."""

from __future__ import annotations

import dataclasses
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from classifier.core.contracts import Array


@dataclasses.dataclass(slots=True)
class FitState:
    """All that a fit needs to go on after a crash.

    Args:
        epoch: Epochs done.
        weights: Of the network, with the states of its dropout generators.
        optimizer: Variables of the optimiser.
        average: Moving average of the weights; empty without one.
        best: Weights of the best epoch; empty before the first.
        best_loss: Validation loss of that epoch.
        best_epoch: Epochs done when it was reached.
        history: One row an epoch: loss, accuracy, val_loss, val_accuracy.
    """

    epoch: int = 0
    weights: list[Array] = dataclasses.field(default_factory=list)
    optimizer: list[Array] = dataclasses.field(default_factory=list)
    average: list[Array] = dataclasses.field(default_factory=list)
    best: list[Array] = dataclasses.field(default_factory=list)
    best_loss: float = float("inf")
    best_epoch: int = 0
    history: list[dict[str, float]] = dataclasses.field(default_factory=list)


_LISTS = ("weights", "optimizer", "average", "best")
_SCALARS = ("epoch", "best_loss", "best_epoch", "history")


def save_state(state: FitState, path: Path) -> None:
    """Write a checkpoint; a crash half-way leaves the one before."""
    arrays = {f"{name}_{i}": array for name in _LISTS for i, array in enumerate(getattr(state, name))}
    scalars = json.dumps({name: getattr(state, name) for name in _SCALARS})
    save_arrays({**arrays, "scalars": np.frombuffer(scalars.encode(), dtype=np.uint8)}, path)


def load_state(path: Path) -> FitState | None:
    """Read a checkpoint; None when there is none. A damaged one counts as none: the fit starts over."""
    arrays = load_arrays(path)
    if arrays is None or "scalars" not in arrays:
        return None
    scalars: dict[str, Any] = json.loads(arrays["scalars"].tobytes().decode())
    lists: dict[str, Any] = {name: [arrays[f"{name}_{i}"] for i in range(_count(arrays, name))] for name in _LISTS}
    return FitState(**scalars, **lists)


def _count(arrays: dict[str, Array], name: str) -> int:
    return sum(key.startswith(f"{name}_") and key[len(name) + 1 :].isdigit() for key in arrays)


def save_arrays(arrays: dict[str, Array], path: Path) -> None:
    """Write an npz in one step: to ``.part``, flushed, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # on a full disk, half a checkpoint would keep it full


def load_arrays(path: Path) -> dict[str, Array] | None:
    """Read an npz without pickles; None when it is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None
