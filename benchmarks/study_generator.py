"""How hard the generated photos are: a small CNN from scratch on unseen plants.

    python -m benchmarks.study_generator [--quick] [--per-stage 1000] [--epochs 12] [--cache FOLDER]

The product starts from a field case where 1000 photos a stage gave 70-80 %. The generator is calibrated to land there:
a network of about 160 k weights at 64 px, trained from nothing on ``per_stage`` photos of each stage and scored on
plants that it has never seen. Prints accuracy, confusion and the share of errors between neighbours, and writes
``benchmarks/results/generator.json``.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import platform
import time
from pathlib import Path

import numpy as np
from PIL import Image

from labeling.synthetic.scale import N_STAGES, STAGES
from labeling.synthetic.season import balanced_specs
from labeling.synthetic.traits import Difficulty, PhotoSpec
from labeling.synthetic.writer import rendered

RESULTS = Path(__file__).parent / "results" / "generator.json"
SIDE = 64
TEST_SHARE = 0.25
"""Photos of unseen plants, on top of ``per_stage`` training photos: a quarter as many again."""


def main() -> None:
    """Render (or read from the cache), train, score, print, write."""
    arguments = _arguments()
    per_stage, epochs = (250, 8) if arguments.quick else (arguments.per_stage, arguments.epochs)
    started = time.perf_counter()
    specs = balanced_specs(per_stage=round(per_stage * (1 + TEST_SHARE)), seed=arguments.seed, n_plants=175)
    images = _images(specs, arguments.cache, arguments.processes)
    render_s = time.perf_counter() - started
    labels = np.array([spec.stage for spec in specs])
    plants = np.array([spec.plant.name for spec in specs])
    is_test = _unseen_plants(plants, arguments.seed)
    started = time.perf_counter()
    probas, n_weights = _train(images, labels, is_test, epochs, arguments.seed)
    train_s = time.perf_counter() - started
    scores = _scores(labels[is_test], probas.argmax(axis=1))
    _print(scores, int((~is_test).sum()), int(is_test.sum()), n_weights)
    print(f"rendering {render_s:.0f} s, training {train_s:.0f} s")
    if not arguments.dry:
        _write(scores, int(is_test.sum()), int((~is_test).sum()), n_weights, epochs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="250 photos a stage and 8 epochs")
    parser.add_argument("--per-stage", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=None, help="folder that keeps the rendered photos between runs")
    parser.add_argument("--dry", action="store_true", help="print only")
    return parser.parse_args()


def _images(specs: list[PhotoSpec], cache: Path | None, processes: int) -> np.ndarray:
    """All photos at ``SIDE`` px, ``(n, SIDE, SIDE, 3)`` uint8, squashed to a square as the scratch member sees them."""
    key = hashlib.sha256(repr(specs).encode() + _drawing_revision()).hexdigest()[:16]
    path = cache / f"generator-{key}.npz" if cache else None
    if path and path.exists():
        return np.load(path)["images"]
    images = np.empty((len(specs), SIDE, SIDE, 3), np.uint8)
    for k, data in enumerate(rendered(specs, processes=processes)):
        photo = Image.open(io.BytesIO(data))
        images[k] = np.asarray(photo.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
        if k % 500 == 0:
            print(f"rendered {k}/{len(specs)}", flush=True)
    if path:
        np.savez_compressed(path, images=images)
    return images


def _drawing_revision() -> bytes:
    folder = Path(__file__).parent.parent / "labeling" / "synthetic"
    return b"".join(hashlib.sha256(source.read_bytes()).digest() for source in sorted(folder.glob("*.py")))


def _unseen_plants(plants: np.ndarray, seed: int) -> np.ndarray:
    """Which photos are of the fifth of plants kept for testing."""
    names = np.unique(plants)
    share = TEST_SHARE / (1 + TEST_SHARE)
    held = np.random.default_rng([seed, 41]).permutation(names)[: round(len(names) * share)]
    return np.isin(plants, held)


def _train(
    images: np.ndarray, labels: np.ndarray, is_test: np.ndarray, epochs: int, seed: int
) -> tuple[np.ndarray, int]:
    """Class probabilities of the test photos, and the number of weights."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # noqa: TID251 - TensorFlow reads it while it is imported
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(seed)
    model = _network(keras)
    x, y = images[~is_test], labels[~is_test]
    steps = -(-len(x) // 64) * epochs
    model.compile(
        optimizer=keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(2e-3, steps), weight_decay=0.02),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    rng = np.random.default_rng([seed, 43])
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        history = model.fit(_augmented(x[order], rng), y[order], batch_size=64, verbose=0, shuffle=False)
        print(f"epoch {epoch + 1}/{epochs} training accuracy {history.history['accuracy'][0]:.3f}", flush=True)
    return model.predict(images[is_test], batch_size=256, verbose=0), model.count_params()


def _network(keras):
    layers = [keras.layers.Input((SIDE, SIDE, 3)), keras.layers.Rescaling(1 / 127.5, -1)]
    for filters in (16, 32, 64, 96, 96):
        layers += [
            keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.MaxPooling2D(),
        ]
    layers += [
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(N_STAGES, activation="softmax"),
    ]
    return keras.Sequential(layers)


def _augmented(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mirrored at random and shifted by up to 4 px."""
    out = np.where(rng.random(len(x))[:, None, None, None] < 0.5, x[:, :, ::-1], x)
    padded = np.pad(out, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="edge")
    for k, (top, left) in enumerate(rng.integers(0, 9, (len(x), 2))):
        out[k] = padded[k, top : top + SIDE, left : left + SIDE]
    return out


def _scores(truth: np.ndarray, guess: np.ndarray) -> dict:
    gap = np.abs(truth - guess)
    confusion = np.zeros((N_STAGES, N_STAGES), int)
    np.add.at(confusion, (truth, guess), 1)
    return {
        "accuracy": float((gap == 0).mean()),
        "adjacent": float((gap == 1).sum() / max((gap > 0).sum(), 1)),
        "mae": float(gap.mean()),
        "ceiling": _ceiling(Difficulty()),
        "confusion": confusion,
    }


def _ceiling(difficulty: Difficulty, n: int = 200_000) -> float:
    """Accuracy of an observer who reads the drawn age without error: what the slack of a cluster's looks leaves."""
    rng = np.random.default_rng(0)
    age = rng.uniform(0, N_STAGES, n)
    drawn = np.clip(age + rng.normal(0, 1, n) * difficulty.age_slack, 0, N_STAGES - 1e-9)
    return float((drawn.astype(int) == age.astype(int)).mean())


def _print(scores: dict, n_train: int, n_test: int, n_weights: int) -> None:
    print(f"\n{n_train} training photos, {n_test} photos of unseen plants, {n_weights} weights")
    print(f"accuracy {scores['accuracy']:.3f} (an exact reader of the drawing: {scores['ceiling']:.3f})")
    print(f"errors between neighbours {scores['adjacent']:.3f}, mean error {scores['mae']:.3f} stages")
    print(" " * 16 + "".join(f"{k + 1:>7}" for k in range(N_STAGES)))
    for stage, row in zip(STAGES, scores["confusion"], strict=True):
        print(f"{stage.slug:<16}" + "".join(f"{value:>7}" for value in row))


def _write(scores: dict, n_test: int, n_train: int, n_weights: int, epochs: int) -> None:
    def figure(value: float, unit: str, goal: str, *, holds: bool) -> dict:
        return {
            "value": round(value, 4), "unit": unit, "peer": None, "limit": None, "goal": goal,
            "holds": holds, "n": n_test,
        }  # fmt: skip

    accuracy, adjacent = scores["accuracy"], scores["adjacent"]
    figures = {
        "scratch_cnn_accuracy": figure(accuracy, "share", "0.70-0.80", holds=0.70 <= accuracy <= 0.80),
        "errors_between_neighbours": figure(adjacent, "share of errors", "> 0.85", holds=adjacent > 0.85),
        "mean_error": figure(scores["mae"], "stages", "-", holds=True),
    }
    figures["scratch_cnn_accuracy"]["limit"] = round(scores["ceiling"], 4)
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    document = {
        "machine": machine,
        "setting": {"n_train": n_train, "n_test": n_test, "weights": n_weights, "epochs": epochs, "side": SIDE},
        "figures": figures,
        "confusion": scores["confusion"].tolist(),
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
