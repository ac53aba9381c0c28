"""What one choice costs: CPU seconds and memory, each strategy in a process of its own.

    python -m benchmarks.choice_cost NAME ROWS

prints the cost of one choice of 50 among ROWS generated vectors of 128 numbers, 200 of them labelled, as JSON.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.activeml_peer import peers
from benchmarks.figures import Figure
from benchmarks.learning_curves import Round, acquisition, head_of, recipe_strategy
from classifier.core.recipe import Recipe

BATCH, N_LABELLED, DIMENSION, N_STAGES = 50, 200, 128, 10
MEMORY_GOAL_MB, SECONDS_GOAL, CLUSTERED_SECONDS_GOAL = 2048, 0.5, 2.0
CLUSTERED = ("typical", "prob_cover")
AS_GOOD_AS_NOTHING = 0.1
"""CPU seconds below which being quicker than a peer has no meaning."""


def in_a_process(name: str, rows: int) -> dict[str, float]:
    """The cost of one choice by the strategy of this name."""
    words = [sys.executable, "-m", "benchmarks.choice_cost", name, str(rows)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    cost: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return cost


def cost_figures(costs: dict[str, list[dict[str, float]]], pairs: dict[str, str]) -> dict[str, Figure]:
    """CPU seconds and memory of our strategies beside the peer that each has in ``pairs``."""
    figures: dict[str, Figure] = {}
    for name, runs in costs.items():
        if name in pairs.values():
            continue
        other = costs.get(pairs.get(name, ""))
        seconds, most = _median(runs), max(run["peak_mb"] for run in runs)
        theirs = None if other is None else _median(other)
        goal = CLUSTERED_SECONDS_GOAL if name in CLUSTERED else SECONDS_GOAL
        if theirs is not None:
            goal = min(goal, max(theirs, AS_GOOD_AS_NOTHING))
        figures[f"cost_{name}_cpu"] = Figure(
            seconds, "s", len(runs), goal=goal, peer=_peer(theirs, other), note="" if theirs is None else
            f"{theirs / max(seconds, 1e-3):.1f} times as quick as scikit-activeml"
        )  # fmt: skip
        peak = None if other is None else max(run["peak_mb"] for run in other)
        figures[f"cost_{name}_memory"] = Figure(most, "MB", len(runs), goal=MEMORY_GOAL_MB, peer=_peer(peak, other))
    return figures


def _median(runs: Sequence[dict[str, float]]) -> float:
    return float(np.median([run["cpu_seconds"] for run in runs]))


def _peer(value: float | None, runs: Sequence[Any] | None) -> dict[str, dict[str, Any]] | None:
    return None if value is None else {"skactiveml": {"value": value, "n": len(runs or ())}}


def main(words: Sequence[str]) -> None:
    """Choose, and print what it cost; the memory is that of the whole process."""
    name, rows = words[0], int(words[1])
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(N_STAGES, DIMENSION)) * 1.2
    y = rng.integers(0, N_STAGES, rows)
    X = (centres[y] + rng.normal(size=(rows, DIMENSION))).astype(np.float32)
    is_labelled = np.arange(rows) < N_LABELLED
    head = head_of(X[:N_LABELLED], y[:N_LABELLED], N_STAGES, is_ordered=False)
    now = Round(X, y, np.arange(rows), is_labelled, N_STAGES, is_ordered=False, head=head, seed=0)
    known = {strategy.name: strategy for strategy in peers()} | {"recipe": recipe_strategy("recipe", Recipe())}
    strategy = known.get(name) or acquisition(name)
    with threadpool_limits(limits=1):
        started, busy = time.perf_counter(), time.process_time()
        chosen = strategy.pick(now, BATCH)
        seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    assert len(set(chosen)) == BATCH
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    """Largest resident memory of this process; ``ru_maxrss`` would count the parent's from before the exec."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return math.ceil(int(line.split()[1]) / 1024)
    return math.ceil(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main(sys.argv[1:])
