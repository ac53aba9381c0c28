"""How long the first training takes, and what it comes to.

    python -m benchmarks.bench_training [--quick] [--per-stage 100] [--weights FOLDER]

Generated photos, ``per_stage`` of each of the seven stages, a fifth held out by plant, default settings: decoded
photos in, evaluated and saved ensemble out. Prints a table and writes ``benchmarks/results/training.json``. CPU
seconds over the number of cores tell what an idle machine would need.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from classifier import runtime
from classifier.core.contracts import TrainingConfig, TrainingData
from classifier.core.splits import grouped_folds
from labeling.synthetic.season import balanced_specs
from labeling.synthetic.writer import rendered

RESULTS = Path(__file__).parent / "results" / "training.json"
LIMIT_SECONDS = 75
HELD_OUT_FOLDS = 5
BACKBONE_SIDE = 224


def main() -> None:
    """Render, train, save, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="30 photos a stage")
    parser.add_argument("--per-stage", type=int, default=100)
    parser.add_argument("--weights", default="", help="folder with pretrained weights; none leaves that member out")
    arguments = parser.parse_args()
    data = photos(30 if arguments.quick else arguments.per_stage, arguments.weights)
    config = TrainingConfig(weights_dir=arguments.weights)
    with tempfile.TemporaryDirectory() as folder:
        started, busy = time.perf_counter(), time.process_time()
        result = runtime.train_ensemble(
            data,
            config,
            checkpoint_dir=Path(folder) / "checkpoints",
            on_progress=lambda progress: None,
            on_log=lambda level, message: print(f"{level}: {message}"),
            should_stop=lambda: False,
        )
        result.ensemble.save(Path(folder) / "model")
        wall, cpu = time.perf_counter() - started, time.process_time() - busy
    held_out = result.evaluations["held_out"]
    cores = os.cpu_count() or 1
    seconds = {"unit": "s", "peer": None, "limit": None, "goal": LIMIT_SECONDS, "n": 1}
    share = {"unit": "share", "peer": None, "limit": None, "goal": None, "holds": None, "n": len(result.held_out_rows)}
    figures = {
        "training_wall": {**seconds, "value": wall, "holds": wall <= LIMIT_SECONDS},
        "training_cpu_per_core": {**seconds, "value": cpu / cores, "holds": cpu / cores <= LIMIT_SECONDS},
        "accuracy_held_out": {**share, "value": held_out["accuracy"]},
        **{f"accuracy_{member['name']}": {**share, "value": member["accuracy"]} for member in held_out["per_member"]},
        "qwk_held_out": {**share, "value": held_out["qwk"]},
        "ece_held_out": {**share, "value": held_out["ece"]},
    }
    for name, figure in figures.items():
        print(f"{name:28} {figure['value']:9.3f} {figure['unit']}")
    machine = {"device": result.device, "cores": cores, "python": platform.python_version()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine, "figures": figures}, indent=2) + "\n")


def photos(per_stage: int, weights_dir: str) -> TrainingData:
    """Generated photos with true stages, and their vectors where there is a backbone."""
    specs = balanced_specs(per_stage=per_stage, seed=7)
    large = np.empty((len(specs), BACKBONE_SIDE, BACKBONE_SIDE, 3), np.uint8)
    small = np.empty((len(specs), 64, 64, 3), np.uint8)
    for i, data in enumerate(rendered(specs)):
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        large[i] = np.asarray(picture.resize((BACKBONE_SIDE, BACKBONE_SIDE), Image.Resampling.BILINEAR))
        small[i] = np.asarray(picture.resize((64, 64), Image.Resampling.LANCZOS))
    stages = np.array([spec.stage for spec in specs])
    plants = np.array([spec.plant.name for spec in specs])
    return TrainingData(
        images=small,
        targets=np.eye(stages.max() + 1, dtype=np.float32)[stages],
        groups=plants,
        is_held_out=grouped_folds(stages, plants, n_folds=HELD_OUT_FOLDS) == 0,
        features=runtime.embed(large, weights_dir) if weights_dir else None,
        feature_space=runtime.feature_space(weights_dir).name if weights_dir else "",
    )


if __name__ == "__main__":
    main()
