"""Trainings that are left and gone on with: a budget of CPU minutes a call, everything else kept in a file.

What is learned within a call depends on nothing but the seed and the step, so a run in three pieces is the run in one.
Weights are looked at through a moving average over steps, which stands in for a falling rate: the end of a run that
may always go on is not known, so no schedule can end with it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

#: Steps between two updates of the average, and what of the old average stays at each.
AVERAGE_EVERY, AVERAGE_KEPT = 10, 0.98

Batch = tuple[Any, np.ndarray]


class LongRun:
    """A compiled network, its state on disk, and the looks at it so far.

    Args:
        network: Compiled and built.
        path: Of the state, ``.npz``; what lies there is gone on with.
    """

    def __init__(self, network: keras.Model, path: Path) -> None:
        self.network, self.path = network, path
        self.step, self.cpu_minutes = 0, 0.0
        self.curve: list[dict[str, float]] = []
        network.optimizer.build(network.trainable_variables)
        self._average = network.get_weights()
        if path.exists():
            self._restore()

    def go(
        self,
        next_batch: Callable[[int], Batch],
        *,
        minutes: float,
        look_every: int,
        look: Callable[[], dict[str, float]],
        most_steps: int | None = None,
        on_look: Callable[[dict[str, float]], None] = lambda row: print(row, flush=True),
    ) -> None:
        """Train until the CPU minutes of this call, or the steps of the whole run, are used up; state kept every look.

        Args:
            next_batch: Step to (inputs, labels); called once a step, with every step of the run exactly once.
            minutes: Of this process, all threads together; looks count.
            look_every: Steps between two looks.
            look: Figures of the network as it stands, which holds the averaged weights meanwhile.
            most_steps: Of the whole run, earlier calls included.
            on_look: Receives each new row of the curve.
        """
        earlier, started = self.cpu_minutes, time.process_time()
        self.network.reset_metrics()
        while most_steps is None or self.step < most_steps:
            figures = self.network.train_on_batch(*next_batch(self.step), return_dict=True)
            self.step += 1
            if self.step % AVERAGE_EVERY == 0:
                self._add_to_average()
            self.cpu_minutes = earlier + (time.process_time() - started) / 60
            is_over = self.cpu_minutes - earlier >= minutes or self.step == most_steps
            if self.step % look_every == 0 or is_over:
                self._look({name: float(value) for name, value in figures.items()}, look, on_look)
                self.network.reset_metrics()
            if is_over:
                return

    def with_average(self) -> keras.Model:
        """The network with its averaged weights, to be tested; training goes on from `path`, not from here."""
        self.network.set_weights(self._average)
        return self.network

    def _look(
        self,
        figures: dict[str, float],
        look: Callable[[], dict[str, float]],
        on_look: Callable[[dict[str, float]], None],
    ) -> None:
        kept = self.network.get_weights()
        self.network.set_weights(self._average)
        found = look()
        self.network.set_weights(kept)
        row = {"step": self.step, **figures, **found, "cpu_minutes": self.cpu_minutes}
        self.curve.append({name: round(float(value), 4) for name, value in row.items()})
        self._save()
        on_look(self.curve[-1])

    def _add_to_average(self) -> None:
        # Young averages are short, or they would remember where training began.
        kept = min(AVERAGE_KEPT, self.step / (self.step + 10 * AVERAGE_EVERY))
        weights = self.network.get_weights()
        self._average = [
            kept * old + (1 - kept) * new if np.issubdtype(new.dtype, np.floating) else new
            for old, new in zip(self._average, weights, strict=True)
        ]

    def _save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part.npz")
        about = json.dumps({"step": self.step, "cpu_minutes": self.cpu_minutes, "curve": self.curve})
        groups = {
            "weights": self.network.get_weights(),
            "average": self._average,
            "optimizer": [keras.ops.convert_to_numpy(variable) for variable in self.network.optimizer.variables],
        }
        arrays = {f"{group}_{i:03}": array for group, found in groups.items() for i, array in enumerate(found)}
        np.savez(part, about=np.array(about), **arrays)
        part.rename(self.path)

    def _restore(self) -> None:
        with np.load(self.path) as stored:
            about = json.loads(str(stored["about"]))
            groups: dict[str, list[np.ndarray]] = {"weights": [], "average": [], "optimizer": []}
            for name in sorted(stored.files):
                if name != "about":
                    groups[name.rsplit("_", 1)[0]].append(stored[name])
        self.step, self.cpu_minutes, self.curve = about["step"], about["cpu_minutes"], about["curve"]
        self.network.set_weights(groups["weights"])
        for variable, value in zip(self.network.optimizer.variables, groups["optimizer"], strict=True):
            variable.assign(value)
        self._average = groups["average"]


def is_improving(curve: list[dict[str, float]], name: str, *, margin: float) -> bool | None:
    """Whether the last third of the looks is better on average than the third before, by more than `margin`.

    Better is higher, or lower for a loss. None where there are fewer than six looks.
    """
    third = len(curve) // 3
    if third < 2:
        return None
    values = [row[name] for row in curve]
    gain = float(np.mean(values[-third:]) - np.mean(values[-2 * third : -third]))
    return (-gain if "loss" in name else gain) > margin
