"""How many labels each way of choosing photos saves, and what a choice costs.

    python -m benchmarks.bench_active_learning [--quick] [--seeds 20] [--sets dandelion,generated,flowers]
                                               [--shared FOLDER] [--folder FOLDER] [--report]

Labels: on each set of photos a quarter (whole groups) is kept for testing. A head on frozen features is fitted again
after every batch; a strategy has arrived when the mean curve over the seeds comes within one point of the accuracy of
the fully labelled pool. What counts is the number of labels over what random sampling needs. The product's recipe is
the cold start, then margin, with its 10 % random share and its cap on hard photos included.

Cost: one choice among 50,000 generated vectors of 128 numbers, each strategy in a process of its own, beside
scikit-activeml's margin, BADGE and TypiClust in the same run.

Every curve (strategy, set, seed) and every choice is kept in ``--folder`` as it is finished: a run that was ended goes
on where it was, and begins anew where code or photos have changed. ``--report`` only writes
``benchmarks/results/active_learning.json`` from what is there.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.activeml_peer import WHY_NOT, peers
from benchmarks.choice_cost import cost_figures, in_a_process
from benchmarks.feature_sets import ROOT, SHARED, FeatureSet, generated, real
from benchmarks.figures import Figure, machine, text_table, write_results
from benchmarks.kept_lines import KeptLines, settings_of
from benchmarks.learning_curves import (
    Strategy,
    acquisition,
    full_pool_accuracy,
    labels_ratio,
    labels_to,
    learning_curve,
    random_strategy,
    recipe_strategy,
    sizes_up_to,
)
from classifier.core.recipe import Recipe

FOLDER = ROOT / "var" / "active_learning"
FIRST = ("margin", "badge", "typical")
"""Those that a peer has too; they are measured before the others, which --quick leaves out."""
REST = (
    "variance", "entropy", "expected_error", "boundary", "bald", "core_set", "prob_cover", "drop_query",
    "diverse_doubt",
)  # fmt: skip
TARGETS = (-0.01, -0.02, -0.03, -0.05, -0.10)
SAVED_GOAL, WORSE_GOAL = 0.30, 1.05
PAIRS = {"margin": "skactiveml margin", "badge": "skactiveml badge", "typical": "skactiveml typical"}
CODE = {name: ROOT / name for name in (
    "benchmarks/learning_curves.py", "benchmarks/activeml_peer.py", "classifier/core/acquisition",
    "classifier/core/batches.py", "classifier/core/recipe.py", "classifier/core/heads.py", "classifier/core/splits.py",
    "classifier/core/ordinal.py",
)}  # fmt: skip


@dataclass(frozen=True)
class Curves:
    """The curves of one set of photos, of which some are there."""

    photos: FeatureSet
    sizes: list[int]
    seeds: int
    kept: KeptLines

    def run(self, strategies: Sequence[Strategy]) -> None:
        """Make those that are missing."""
        for seed in range(self.seeds):
            self.kept.made(("full pool", seed), partial(self._full_pool, seed))
        for strategy in strategies:
            for seed in range(self.seeds):
                self.kept.made((strategy.name, seed), partial(self._curve, strategy, seed))
            print(f"{self.photos.name}: {strategy.name}", flush=True)

    def _full_pool(self, seed: int) -> dict[str, float]:
        return {"accuracy": full_pool_accuracy(self.photos, seed)}

    def _curve(self, strategy: Strategy, seed: int) -> dict[str, Any]:
        strategy.seconds.clear()
        accuracies = learning_curve(self.photos, strategy, self.sizes, seed)
        return {"accuracies": accuracies.tolist(), "cpu_seconds": list(strategy.seconds)}

    def gaps(self, name: str) -> np.ndarray | None:
        """Accuracy less that of the full pool, (seeds, sizes); None while seeds are missing."""
        curves = [self.kept.get((name, seed)) for seed in range(self.seeds)]
        full = [self.kept.get(("full pool", seed)) for seed in range(self.seeds)]
        if None in curves or None in full:
            return None
        return np.array([curve["accuracies"] for curve in curves]) - np.array([[one["accuracy"]] for one in full])

    def table(self) -> dict[str, Any]:
        """Labels and ratios of every strategy that is finished."""
        rows, random_gaps = {}, self.gaps("random")
        for name in ("random", *(strategy.name for strategy in _first() + _rest(self.photos))):
            gaps = self.gaps(name)
            if gaps is None or random_gaps is None:
                continue
            seconds = [s for seed in range(self.seeds) for s in self.kept.get((name, seed))["cpu_seconds"]]
            rows[name] = {
                "labels": {str(target): labels_to(self.sizes, gaps, target) for target in TARGETS},
                "ratio_to_random": {str(t): labels_ratio(self.sizes, gaps, random_gaps, t) for t in TARGETS},
                "mean_gap": gaps.mean(axis=0).round(4).tolist(),
                "median_cpu_seconds": float(np.median(seconds)) if seconds else None,
            }
        full = [self.kept.get(("full pool", seed)) for seed in range(self.seeds)]
        accuracies = [one["accuracy"] for one in full if one is not None]
        return {"sizes": self.sizes, "full_pool_accuracy": accuracies, "strategies": rows}


def main() -> None:
    """Measure labels and costs, print, write."""
    arguments = _arguments()
    about = machine(threads=1)
    skipped: dict[str, str] = {} if not WHY_NOT else {"scikit-activeml": WHY_NOT}
    curves: dict[str, Curves] = {}
    for name, load_set in _sets(arguments).items():
        photos = load_set()
        if isinstance(photos, str):
            skipped[name] = photos
            print(f"skipped: {photos}")
        else:
            curves[name] = _curves(name, photos, arguments)
    costs = KeptLines(arguments.folder / "costs.jsonl", settings_of(sources=CODE))
    rows, repeats = (10_000, 1) if arguments.quick else (50_000, 3)
    if not arguments.report:
        with threadpool_limits(limits=1):
            for each in curves.values():
                each.run([random_strategy(), *_first()])
            _cost_run([*FIRST, "recipe", *PAIRS.values()], rows, repeats, costs)
            if not arguments.quick:
                for each in curves.values():
                    each.run(_rest(each.photos))
                _cost_run(REST, rows, repeats, costs)
    tables = {name: each.table() for name, each in curves.items()}
    figures: dict[str, Figure] = {}
    for name, each in curves.items():
        _print_labels(name, tables[name])
        figures |= _label_figures(name, tables[name], each)
    figures |= cost_figures(_costs(rows, repeats, costs), PAIRS)
    about["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    print(text_table(figures))
    extra = {"skipped": skipped, "tables": tables}
    print(write_results("active_learning", figures, about, mode="quick" if arguments.quick else "full", extra=extra))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="3 seeds, fewer strategies, smaller pools")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--sets", default="dandelion,generated,flowers")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/ and weights/")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where finished curves are kept")
    parser.add_argument("--report", action="store_true", help="measure nothing, write what is there")
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


def _curves(name: str, photos: FeatureSet, arguments: argparse.Namespace) -> Curves:
    batch = 10 if photos.n_stages < 5 else 20
    sizes = sizes_up_to(len(photos.y) * 3 // 4, batch, 0.25 if arguments.quick else 0.2)
    what = settings_of(
        photos.X.tobytes(), photos.y.tobytes(), "\0".join(map(str, photos.groups)), repr(sizes), sources=CODE
    )
    seeds = 3 if arguments.quick else arguments.seeds
    print(f"{name}: {len(photos.y)} photos in {photos.space}, {seeds} seeds, batch {batch}", flush=True)
    return Curves(photos, sizes, seeds, KeptLines(arguments.folder / f"{name}.jsonl", what))


def _first() -> list[Strategy]:
    return [recipe_strategy("recipe", Recipe()), *(acquisition(name) for name in FIRST), *peers()]


def _rest(photos: FeatureSet) -> list[Strategy]:
    recipes = [
        recipe_strategy("recipe, no cap on hard photos", Recipe(hard_cap=1.0)),
        recipe_strategy("recipe, no random share", Recipe(random_share=0.0)),
        recipe_strategy("recipe with margin and variance", Recipe({"margin": 1.0, "variance": 1.0})),
        recipe_strategy("recipe with variance", Recipe({"variance": 1.0})),
        recipe_strategy("recipe with badge", Recipe({"badge": 1.0})),
    ]
    return [*recipes, *(acquisition(name) for name in REST if photos.is_ordered or name != "boundary")]


def _print_labels(name: str, table: dict[str, Any]) -> None:
    full = table["full_pool_accuracy"]
    print(f"\n{name}: full pool {np.mean(full) if full else float('nan'):.3f}")
    for strategy, row in table["strategies"].items():
        saved = "  ".join(f"{t * 100:+.0f} pt {row['labels'][str(t)]:7.0f}" for t in TARGETS)
        ratio = row["ratio_to_random"][str(TARGETS[0])]
        print(f"{strategy:32} {saved}   x{ratio[0]:.2f} ({ratio[1]:.2f}-{ratio[2]:.2f})")


def _label_figures(name: str, table: dict[str, Any], curves: Curves) -> dict[str, Figure]:
    rows, seeds, first = table["strategies"], curves.seeds, str(TARGETS[0])
    figures: dict[str, Figure] = {}
    if "recipe" in rows:
        ratio, low, high = rows["recipe"]["ratio_to_random"][first]
        labels = f"{rows['recipe']['labels'][first]:.0f} labels, random {rows['random']['labels'][first]:.0f}"
        figures[f"{name}_labels_saved"] = Figure(
            1 - ratio, "share", seeds, goal=SAVED_GOAL, is_floor=True,
            note=f"95 % interval {1 - high:.2f} to {1 - low:.2f}; {labels} to within a point of the full pool",
        )  # fmt: skip
        worst, target = max((rows["recipe"]["ratio_to_random"][str(target)][0], target) for target in TARGETS)
        figures[f"{name}_worst_of_any_target"] = Figure(
            worst, "x random", seeds, goal=WORSE_GOAL, note=f"at {-100 * target:.0f} points below the full pool"
        )
    for ours, theirs in PAIRS.items():
        mine, other = curves.gaps(ours), curves.gaps(theirs)
        if mine is not None and other is not None:
            ratio, low, high = labels_ratio(curves.sizes, mine, other, TARGETS[0])
            figures[f"{name}_{ours}_labels"] = Figure(
                rows[ours]["labels"][first], "labels", seeds, goal=1.05 * rows[theirs]["labels"][first],
                peer={"skactiveml": {"value": rows[theirs]["labels"][first], "n": seeds}},
                note=f"{ratio:.2f} x peer, 95 % interval {low:.2f} to {high:.2f}; goal: 1.05 x peer",
            )  # fmt: skip
    return figures


def _cost_run(names: Sequence[str], rows: int, repeats: int, costs: KeptLines) -> None:
    for name in names:
        if name.startswith("skactiveml") and WHY_NOT:
            continue
        for repeat in range(repeats):
            cost = costs.made((name, rows, repeat), partial(in_a_process, name, rows))
        print(f"{name:24} {cost['cpu_seconds']:8.2f} s CPU {cost['peak_mb']:8.0f} MB", flush=True)


def _costs(rows: int, repeats: int, costs: KeptLines) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = {}
    for name in [*FIRST, *REST, "recipe", *PAIRS.values()]:
        runs = [costs.get((name, rows, repeat)) for repeat in range(repeats)]
        if None not in runs:
            found[name] = runs
    return found


if __name__ == "__main__":
    main()
