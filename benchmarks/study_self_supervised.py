"""Does a start from unlabelled photos pay, where a project has no pretrained weights?

    python -m benchmarks.study_self_supervised [--quick] [--seeds 5] [--losses simclr] [--shared FOLDER]

The scratch network at 48 pixels starts from drawn weights or from weights learned on the pool's photos without their
labels (`benchmarks.self_supervised`). *Probe*: a linear head on the pooled vectors, the network fixed, with every label
of the pool and with few. *Fine-tuned*: the whole network trained on few labels by the product's trainer and settings,
the same for every start. Photos are held out by whole groups; pools, labels, weights and augmentation change with the
seed and are the same for all starts of a seed, so differences are paired, and intervals are Student's over seeds.

Writes ``benchmarks/results/self_supervised.json`` after every seed.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image
from scipy import stats

from benchmarks.feature_sets import CACHE, SHARED, drawing_revision
from benchmarks.figures import RESULTS, machine
from benchmarks.self_supervised import Start, drawn_start, learned_start, simclr, trunk_of, vicreg
from classifier.core.heads import fit_head
from classifier.core.splits import grouped_folds
from classifier.nn import devices
from classifier.nn.cnn import build_cnn
from classifier.nn.input_pipeline import steps_per_epoch
from classifier.nn.ordinal import SoftOrdinalCrossentropy
from classifier.nn.trainer import FitSettings, Trainer, run_network
from labeling.synthetic.season import balanced_specs
from labeling.synthetic.writer import rendered

SIDE, TEST_FOLDS, TAU = 48, 4, 0.4
LABELS = (10, 30, 100)
PER_STAGE, PLANTS = 200, 140
#: Optimiser steps of a fine-tuning; the product's own number for few photos is of this size.
STEPS = 240
#: As ``TrainingConfig`` has them.
BATCH, RATE, DECAY = 32, 3e-3, 0.02
LOSSES = {"simclr": simclr, "vicreg": vicreg}
DRAWN = "drawn"


@dataclass(frozen=True)
class Photos:
    """Photos uint8 (n, s, s, 3), stages (n,), groups (n,)."""

    X: np.ndarray
    y: np.ndarray
    groups: np.ndarray

    @property
    def n_stages(self) -> int:
        return int(self.y.max()) + 1


@dataclass(frozen=True)
class Plan:
    """What a seed is measured with."""

    losses: tuple[str, ...]
    start_steps: int
    steps: int = STEPS
    labels: tuple[int, ...] = LABELS


def main() -> None:
    """Run seed after seed, print, write."""
    arguments = _arguments()
    devices.configure(arguments.threads)
    plan = Plan(tuple(arguments.losses.split(",")), start_steps=arguments.start_steps)
    n_seeds, about = arguments.seeds, machine(threads=arguments.threads or "all")
    if arguments.quick:
        plan, n_seeds = Plan(plan.losses, start_steps=60, steps=40, labels=LABELS[:1]), 2
    found: dict[str, list[dict[str, Any]]] = {}
    sets = {name: photos for name, photos in _sets(arguments) if isinstance(photos, Photos) or print(photos)}
    tunings = {name: Tuning(photos) for name, photos in sets.items()}
    for seed in range(n_seeds):
        for name, photos in sets.items():
            found.setdefault(name, []).append(one_seed(photos, tunings[name], plan, seed))
        document = {
            "machine": about, "quick": arguments.quick, "side": SIDE, "start_steps": plan.start_steps,
            "steps": plan.steps, "seeds": seed + 1, "sets": {
                name: {"photos": len(sets[name].y), "stages": sets[name].n_stages, "rows": rows,
                       "figures": summary(rows)}
                for name, rows in found.items()
            },
        }  # fmt: skip
        path = RESULTS / ("self_supervised.quick.json" if arguments.quick else "self_supervised.json")
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        for name in found:
            print(f"after seed {seed}: {name}")
            for line, figure in document["sets"][name]["figures"].items():
                print(f"  {line:32} {figure['mean']:7.3f} ({figure['low']:.3f} to {figure['high']:.3f})", flush=True)


def one_seed(photos: Photos, tuning: Tuning, plan: Plan, seed: int) -> dict[str, Any]:
    """Accuracies of every start by how it was asked and with how many labels a stage, and the price of the starts."""
    folds = grouped_folds(photos.y, photos.groups, n_folds=TEST_FOLDS, random_state=seed)
    pool, test = np.flatnonzero(folds != 0), np.flatnonzero(folds == 0)
    starts, prices = {DRAWN: drawn_start(photos.X[pool], seed=seed)}, {}
    for loss in plan.losses:
        busy = time.process_time()
        starts[loss], _ = learned_start(photos.X[pool], Start(LOSSES[loss], steps=plan.start_steps), seed=seed)
        prices[loss] = round((time.process_time() - busy) / 60, 3)
    few = {n: labelled(photos, pool, n, np.random.default_rng([seed, n])) for n in plan.labels}
    accuracies: dict[str, dict[str, float]] = {}
    for name, weights in starts.items():
        vectors = _vectors(photos, weights)
        asked = {f"probe_{n}": _probe(photos, vectors, rows, test, seed) for n, rows in few.items()}
        asked["probe_all"] = _probe(photos, vectors, pool, test, seed)
        # A network that learns draws its weights anew: statistics that `drawn_start` has settled are for the probe.
        begin = None if name == DRAWN else weights
        asked |= {f"tuned_{n}": tuning.accuracy(begin, rows, test, plan.steps, seed) for n, rows in few.items()}
        accuracies[name] = asked
    return {"seed": seed, "accuracies": accuracies, "cpu_minutes": prices}


def labelled(photos: Photos, pool: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of `n` photos of every stage drawn from the pool, or all that there are of a stage."""
    drawn = [rng.permutation(pool[photos.y[pool] == stage])[:n] for stage in range(photos.n_stages)]
    return np.sort(np.concatenate(drawn))


def summary(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Mean and 95 % interval over seeds: accuracy of drawn weights, and what each learned start adds to it."""
    drawn = rows[0]["accuracies"][DRAWN]
    figures = {f"{DRAWN}_{ask}": interval([row["accuracies"][DRAWN][ask] for row in rows]) for ask in drawn}
    for loss in rows[0]["cpu_minutes"]:
        for ask in drawn:
            gains = [row["accuracies"][loss][ask] - row["accuracies"][DRAWN][ask] for row in rows]
            figures[f"{loss}_gain_{ask}"] = interval(gains)
        figures[f"{loss}_cpu_minutes"] = interval([row["cpu_minutes"][loss] for row in rows])
    return figures


def interval(values: list[float]) -> dict[str, float]:
    """Mean with Student's 95 % interval; of a single value the interval is all there is."""
    mean, n = float(np.mean(values)), len(values)
    half = float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / math.sqrt(n)) if n > 1 else math.inf
    low, high = (mean - half, mean + half) if n > 1 else (min(values), max(values))
    return {"mean": round(mean, 4), "low": round(low, 4), "high": round(high, 4), "n": n}


def _vectors(photos: Photos, weights: list[np.ndarray]) -> np.ndarray:
    trunk = trunk_of(build_cnn(SIDE, photos.n_stages))
    trunk.set_weights(weights)
    trunk.compile(jit_compile=False)
    return run_network(trunk, photos.X)


def _probe(photos: Photos, vectors: np.ndarray, rows: np.ndarray, test: np.ndarray, seed: int) -> float:
    targets = np.eye(photos.n_stages)[photos.y[rows]]
    head = fit_head(vectors[rows], targets, groups=photos.groups[rows], strength=None, tau=TAU, random_state=seed)
    return _right(head.predict_proba(vectors[test]), photos.y[test])


class Tuning:
    """The product's trainer for one set of photos, compiled once; what networks begin from changes between fits."""

    def __init__(self, photos: Photos) -> None:
        self._photos = photos
        self._begin: list[np.ndarray] | None = None
        self._trainer = Trainer(self._build, SoftOrdinalCrossentropy(photos.n_stages, TAU))

    def accuracy(
        self, begin: list[np.ndarray] | None, rows: np.ndarray, test: np.ndarray, steps: int, seed: int
    ) -> float:
        """Share of `test` right after training on `rows`, from drawn weights where `begin` is None."""
        self._begin = begin
        photos, epochs = self._photos, max(1, steps // steps_per_epoch(len(rows), BATCH))
        settings = FitSettings(epochs=epochs, batch_size=BATCH, learning_rate=RATE, weight_decay=DECAY, patience=epochs)
        self._trainer.fit(
            photos.X, np.eye(photos.n_stages, dtype=np.float32)[photos.y], rows, None, settings,
            seed=seed, checkpoint=None, on_epoch=lambda end: None, should_stop=lambda: False,
        )  # fmt: skip
        return _right(self._trainer.predict_proba(photos.X[test]), photos.y[test])

    def _build(self) -> keras.Model:
        network = build_cnn(SIDE, self._photos.n_stages)
        if self._begin is not None:
            trunk_of(network).set_weights(self._begin)
        return network


def _right(probas: np.ndarray, truth: np.ndarray) -> float:
    return round(float((probas.argmax(axis=1) == truth).mean()), 4)


def _sets(arguments: argparse.Namespace) -> list[tuple[str, Photos | str]]:
    return [("dandelion-stages", _dandelion(arguments.shared)), ("generated", _generated(arguments.quick))]


def _dandelion(shared: Path) -> Photos | str:
    folder = shared / "data" / "dandelion-stages"
    if not (folder / "split.csv").exists():
        return "dandelion-stages: no photos in the folder shared/data beside the repository"
    with (folder / "classes.csv").open(encoding="utf-8") as handle:
        slugs = [row["slug"] for row in csv.DictReader(handle)]
    with (folder / "split.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    X = np.stack([_small((folder / row["path"]).read_bytes()) for row in rows])
    return Photos(X, np.array([slugs.index(row["class"]) for row in rows]), np.array([row["group"] for row in rows]))


def _generated(is_quick: bool) -> Photos:
    specs = balanced_specs(per_stage=PER_STAGE // 8 if is_quick else PER_STAGE, seed=7, n_plants=PLANTS)
    revision = drawing_revision()
    path = CACHE / f"generated-{len(specs)}-{SIDE}px-{digits(repr(list(specs)).encode() + revision)}.npy"
    if path.exists():
        X = np.load(path)
    else:
        X = np.stack([_small(data) for data in rendered(specs)])
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, X)
    return Photos(X, np.array([spec.stage for spec in specs]), np.array([spec.plant.name for spec in specs]))


def digits(data: bytes) -> str:
    """Twelve digits that change with the data."""
    return hashlib.sha256(data).hexdigest()[:12]


def _small(data: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(data))
    picture.draft("RGB", (2 * SIDE, 2 * SIDE))
    return np.asarray(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="2 seeds of a few steps, few generated photos")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--losses", default="simclr", help="of simclr, vicreg; with a comma between")
    parser.add_argument("--start-steps", type=int, default=800, help="optimiser steps without labels")
    parser.add_argument("--threads", type=int, default=0, help="of TensorFlow; 0 for its choice")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/")
    return parser.parse_args()


if __name__ == "__main__":
    main()
