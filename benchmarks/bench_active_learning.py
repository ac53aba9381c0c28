"""How many labels each way of choosing photos saves, and what a choice costs.

    python -m benchmarks.bench_active_learning [--quick] [--seeds 10] [--sets dandelion,generated,flowers]

Labels: on each set of photos a quarter (whole groups) is kept for testing. A head on frozen features is fitted again
after every batch; a strategy has arrived when the mean curve over the seeds comes within one point of the accuracy of
the fully labelled pool. What counts is the number of labels over what random sampling needs. The product's recipe is
the cold start, then margin, with its 10 % random share and its cap on hard photos included.

Cost: one choice among 50,000 generated vectors of 128 numbers, each strategy in a process of its own, beside
scikit-activeml's margin, BADGE and TypiClust in the same run. Writes ``benchmarks/results/active_learning.json``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.activeml_peer import WHY_NOT, peers
from benchmarks.feature_sets import SHARED, FeatureSet, generated, real
from benchmarks.learning_curves import (
    Round,
    Strategy,
    acquisition,
    full_pool_accuracy,
    head_of,
    labels_to,
    learning_curve,
    random_strategy,
    ratio_to_random,
    recipe_strategy,
    sizes_up_to,
)
from classifier.core.recipe import Recipe

RESULTS = Path(__file__).parent / "results" / "active_learning.json"
ALONE = (
    "margin", "entropy", "expected_error", "boundary", "bald", "badge", "core_set", "typical", "prob_cover",
    "drop_query", "diverse_doubt",
)  # fmt: skip
QUICK_ALONE = ("margin", "badge", "typical")
TARGETS = (-0.01, -0.02, -0.03, -0.05, -0.10)
SAVED_GOAL, WORSE_GOAL, MEMORY_GOAL_MB, SECONDS_GOAL, TYPICAL_SECONDS_GOAL = 0.30, 1.05, 2048, 0.5, 2.0
PAIRS = {"margin": "skactiveml margin", "badge": "skactiveml badge", "typical": "skactiveml typical"}


def main() -> None:
    """Measure labels and costs, print, write."""
    arguments = _arguments()
    if arguments.probe:
        print(json.dumps(_probe(arguments.probe, arguments.probe_rows)))
        return
    started, load = time.perf_counter(), os.getloadavg()
    figures: dict[str, dict[str, Any]] = {}
    tables: dict[str, Any] = {}
    skipped: dict[str, str] = {} if not WHY_NOT else {"scikit-activeml": WHY_NOT}
    with threadpool_limits(limits=1):
        for name, load_set in _sets(arguments).items():
            photos = load_set()
            if isinstance(photos, str):
                skipped[name] = photos
                print(f"skipped: {photos}")
                continue
            tables[name] = _labels(name, photos, arguments, figures)
    rows = 10_000 if arguments.quick else 50_000
    tables["cost"] = _costs(rows, 1 if arguments.quick else 3, figures)
    for name, figure in figures.items():
        print(f"{name:46} {figure['value']:10.3f} {figure['unit']:8} goal {figure['goal']} holds {figure['holds']}")
    machine = {
        "processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version(),
        "load_before": load, "load_after": os.getloadavg(), "threads": 1, "seconds": time.perf_counter() - started,
    }  # fmt: skip
    document = {"machine": machine, "quick": arguments.quick, "skipped": skipped, "figures": figures, "tables": tables}
    if not arguments.dry:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 seeds, fewer strategies, smaller pools")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--sets", default="dandelion,generated,flowers")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/ and weights/")
    parser.add_argument("--dry", action="store_true", help="print only")
    parser.add_argument("--probe", default="", help=argparse.SUPPRESS)
    parser.add_argument("--probe-rows", type=int, default=50_000, help=argparse.SUPPRESS)
    return parser.parse_args()


def _sets(arguments: argparse.Namespace) -> dict[str, Callable[[], FeatureSet | str]]:
    shared, per_stage = arguments.shared, 150 if arguments.quick else 300
    known: dict[str, Callable[[], FeatureSet | str]] = {
        "dandelion": lambda: real("dandelion-stages", is_ordered=True, shared=shared),
        "generated": lambda: generated(per_stage, shared=shared),
        "flowers": lambda: real("flowers5", is_ordered=False, shared=shared),
    }
    wanted = arguments.sets.split(",")[: 2 if arguments.quick else None]
    return {name: known[name] for name in wanted}


def _strategies(photos: FeatureSet, *, quick: bool) -> list[Strategy]:
    alone = [name for name in (QUICK_ALONE if quick else ALONE) if photos.is_ordered or name != "boundary"]
    ours = [acquisition(name) for name in alone]
    recipes = [
        recipe_strategy("recipe", Recipe()),
        recipe_strategy("recipe, no cap on hard photos", Recipe(hard_cap=1.0)),
        recipe_strategy("recipe with badge", Recipe({"badge": 1.0})),
    ]
    return [random_strategy(), *recipes[: 1 if quick else None], *ours, *peers()]


def _labels(name: str, photos: FeatureSet, arguments: argparse.Namespace, figures: dict[str, Any]) -> dict[str, Any]:
    """Learning curves of every strategy on one set of photos."""
    seeds = 3 if arguments.quick else arguments.seeds
    n_pool = len(photos.y) * 3 // 4
    batch = 10 if photos.n_stages < 5 else 20
    sizes = sizes_up_to(n_pool, batch, 0.25 if arguments.quick else 0.2)
    full = np.array([full_pool_accuracy(photos, seed) for seed in range(seeds)])
    print(
        f"\n{name}: {len(photos.y)} photos in {photos.space}, full pool {full.mean():.3f}, {seeds} seeds, batch {batch}"
    )
    curves: dict[str, np.ndarray] = {}
    table: dict[str, Any] = {"sizes": sizes, "full_pool_accuracy": full.tolist(), "strategies": {}}
    for strategy in _strategies(photos, quick=arguments.quick):
        accuracies = np.stack([learning_curve(photos, strategy, sizes, seed) for seed in range(seeds)])
        curves[strategy.name] = accuracies - full[:, None]
        row = _row(sizes, curves[strategy.name], curves["random"], strategy)
        table["strategies"][strategy.name] = row
        saved = "  ".join(f"{t * 100:+.0f} pt {row['labels'][str(t)]:7.0f}" for t in TARGETS)
        ratio = row["ratio_to_random"][str(TARGETS[0])]
        print(f"{strategy.name:32} {saved}   x{ratio[0]:.2f} ({ratio[1]:.2f}-{ratio[2]:.2f})", flush=True)
    _label_figures(name, table["strategies"], seeds, figures)
    return table


def _row(sizes: list[int], gaps: np.ndarray, random_gaps: np.ndarray, strategy: Strategy) -> dict[str, Any]:
    return {
        "labels": {str(target): labels_to(sizes, gaps, target) for target in TARGETS},
        "ratio_to_random": {str(target): ratio_to_random(sizes, gaps, random_gaps, target) for target in TARGETS},
        "mean_gap": gaps.mean(axis=0).round(4).tolist(),
        "median_seconds": float(np.median(strategy.seconds)),
    }


def _label_figures(name: str, rows: dict[str, Any], seeds: int, figures: dict[str, Any]) -> None:
    first = str(TARGETS[0])
    ratio, low, high = rows["recipe"]["ratio_to_random"][first]
    figures[f"{name}_labels_saved"] = {
        "value": 1 - ratio, "low": 1 - high, "high": 1 - low, "unit": "share", "peer": None, "limit": None,
        "goal": f">= {SAVED_GOAL}", "holds": 1 - ratio >= SAVED_GOAL, "n": seeds,
    }  # fmt: skip
    worst = max(rows["recipe"]["ratio_to_random"][str(target)][0] for target in TARGETS)
    figures[f"{name}_worst_of_any_target"] = {
        "value": worst, "unit": "x random", "peer": None, "limit": None, "goal": f"<= {WORSE_GOAL}",
        "holds": worst <= WORSE_GOAL, "n": seeds,
    }  # fmt: skip
    for ours, theirs in PAIRS.items():
        if theirs in rows:
            mine, peer = rows[ours]["labels"][first], rows[theirs]["labels"][first]
            figures[f"{name}_{ours}_labels"] = {
                "value": mine, "unit": "labels", "peer": peer, "limit": None, "goal": "<= 1.05 x peer",
                "holds": mine <= 1.05 * peer, "n": seeds,
            }  # fmt: skip


def _costs(rows: int, repeats: int, figures: dict[str, Any]) -> dict[str, Any]:
    """Time and memory of one choice, each strategy in a process of its own."""
    names = [*ALONE, "recipe", *(strategy.name for strategy in peers())]
    table: dict[str, dict[str, Any]] = {}
    for name in names:
        runs = [_in_a_process(name, rows) for _ in range(repeats)]
        table[name] = {
            "seconds": [run["seconds"] for run in runs],
            "cpu_seconds": [run["cpu_seconds"] for run in runs],
            "peak_mb": max(run["peak_mb"] for run in runs),
        }
        print(f"{name:24} {np.median(table[name]['seconds']):8.2f} s {table[name]['peak_mb']:8.0f} MB", flush=True)
    for name in [*ALONE, "recipe"]:
        peer = table.get(PAIRS.get(name, ""))
        seconds, theirs = (float(np.median(it["cpu_seconds"])) if it else None for it in (table[name], peer))
        goal = TYPICAL_SECONDS_GOAL if name in ("typical", "prob_cover") else SECONDS_GOAL
        assert seconds is not None
        figures[f"cost_{name}_cpu_seconds"] = {
            "value": seconds, "unit": "s", "peer": theirs, "limit": None, "goal": goal,
            "holds": seconds <= goal and (theirs is None or seconds <= max(theirs, 0.1)), "n": repeats,
        }  # fmt: skip
        figures[f"cost_{name}_memory"] = {
            "value": table[name]["peak_mb"], "unit": "MB", "peer": peer["peak_mb"] if peer else None, "limit": None,
            "goal": MEMORY_GOAL_MB, "holds": table[name]["peak_mb"] <= MEMORY_GOAL_MB, "n": repeats,
        }  # fmt: skip
    return table


def _in_a_process(name: str, rows: int) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.bench_active_learning", "--probe", name, "--probe-rows", str(rows)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _probe(name: str, rows: int) -> dict[str, float]:
    """Choose 50 of ``rows`` vectors of 128 numbers with 200 labelled; peak memory of the whole process."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(10, 128)) * 1.2
    y = rng.integers(0, 10, rows)
    X = (centres[y] + rng.normal(size=(rows, 128))).astype(np.float32)
    is_labelled = np.arange(rows) < 200
    head = head_of(X[:200], y[:200], 10, is_ordered=False)
    now = Round(X, y, np.arange(rows), is_labelled, 10, is_ordered=False, head=head, seed=0)
    known = {strategy.name: strategy for strategy in peers()}
    known["recipe"] = recipe_strategy("recipe", Recipe())
    strategy = known.get(name) or acquisition(name)
    with threadpool_limits(limits=1):
        started, busy = time.perf_counter(), time.process_time()
        chosen = strategy.pick(now, 50)
        seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    assert len(set(chosen)) == 50
    return {"seconds": seconds, "cpu_seconds": cpu, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    """Largest resident memory of this process; ``ru_maxrss`` would count the parent's from before the exec."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return math.ceil(int(line.split()[1]) / 1024)
    return math.ceil(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
