"""The memory-augmented network on Omniglot: accuracy by how often a character has been seen, on two protocols.

    python -m benchmarks.bench_memory [--quick] [--updates 2000] [--shared FOLDER]
    python -m benchmarks.bench_memory --pixels [--minutes 15] [--anew]

Santoro's sequences (5 characters x 10 drawings, labels bound anew each time, shown one step late), trained on the
background alphabets, tested on the evaluation ones. *Vectors*: of a frozen Conv4, the one that ``bench_oneshot`` left
in ``var/oneshot``, else one trained here for a minute or two; takes minutes. *Pixels*: the paper's own protocol,
drawings of 20 x 20 with quarter turns as characters of their own and turned and shifted a little. The paper trains for
100,000 updates, which is half a day of CPU cores, so this is a run that can be gone on with: ``--minutes`` of CPU time
a call, state in ``var/oneshot``, ``--anew`` to begin again. Its curve is written with whether the loss still fell.

Prints a table and writes ``benchmarks/results/memory.json`` or ``memory_pixels.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_oneshot import KEPT, SIDE, Encode, encoding, print_table, trained
from benchmarks.feature_sets import SHARED
from benchmarks.figures import RESULTS, machine
from benchmarks.long_runs import LongRun, is_improving
from benchmarks.omniglot import Drawings, Omniglot, bent, load
from classifier.core.episodes import sample_sequence, sights

N_WAY, N_EACH = 5, 10
GOALS = {2: 0.70, 10: 0.90}
#: Santoro et al., table 1.
PAPER = {1: 0.364, 2: 0.828, 3: 0.910, 4: 0.926, 5: 0.949, 10: 0.981}
ENCODER_EPISODES = 400
#: Of `bench_oneshot`, the better one first.
KEPT_METHODS = ("prototypes", "matching")
#: Side of the drawings in the paper.
PIXELS = 20
#: A fall of the loss between thirds of the curve that counts as one.
FALLING = 0.005
_SEQUENCES, _TEST_SEQUENCES, _RATE, _PIXEL_RATE = 16, 400, 3e-3, 1e-3


def main() -> None:
    """Train, test, print, write."""
    arguments = _arguments()
    data = load(PIXELS if arguments.pixels else SIDE, shared=arguments.shared)
    if isinstance(data, str):
        print(f"skipped: {data}")
        return
    from classifier.nn import devices

    devices.configure(arguments.threads)
    about = machine(threads=arguments.threads or "all", device=devices.device_name())
    busy, extra = time.process_time(), {}
    if arguments.pixels:
        run = begun(arguments.kept, anew=arguments.anew, seed=arguments.seed)
        accuracies = on_pixels(run, data, minutes=arguments.minutes, seed=arguments.seed)
        minutes, curve, note = run.cpu_minutes, run.curve, f"{run.step} updates of {_SEQUENCES} sequences"
        extra["is_falling"] = is_improving(run.curve, "loss", margin=FALLING)
    else:
        updates = min(600, arguments.updates) if arguments.quick else arguments.updates
        encode, origin = encoder(data, seed=arguments.seed)
        busy = time.process_time()
        accuracies, curve = by_sight(data, encode, updates=updates, seed=arguments.seed)
        minutes = (time.process_time() - busy) / 60
        note = f"{updates} updates of {_SEQUENCES} sequences; {origin}"
    figures = figures_of(accuracies, goals={} if arguments.pixels else GOALS)
    figures["training"] = {
        "value": round(minutes, 2), "unit": "CPU min", "peer": None, "limit": None,
        "goal": None, "holds": None, "n": 1, "note": note,
    }  # fmt: skip
    print_table(figures)
    about["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    name = "memory_pixels" if arguments.pixels else "memory"
    path = RESULTS / (f"{name}.quick.json" if arguments.quick else f"{name}.json")
    document = {"machine": about, "quick": arguments.quick, "seed": arguments.seed, "figures": figures, "curve": curve}
    path.write_text(json.dumps(document | extra, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="600 updates on vectors, a minute on pixels")
    parser.add_argument("--updates", type=int, default=2000, help="on vectors")
    parser.add_argument("--pixels", action="store_true", help="the paper's protocol")
    parser.add_argument("--minutes", type=float, default=15.0, help="on pixels: of CPU time, this call")
    parser.add_argument("--anew", action="store_true", help="on pixels: do not go on with what was left")
    parser.add_argument("--threads", type=int, default=0, help="of TensorFlow; 0 for its choice")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/")
    arguments = parser.parse_args()
    arguments.kept = KEPT / "quick" if arguments.quick else KEPT
    if arguments.quick:
        arguments.minutes = min(arguments.minutes, 1.0)
    return arguments


def figures_of(accuracies: list[float], *, goals: dict[int, float]) -> dict[str, dict[str, Any]]:
    """Accuracy at each sight as it is written, beside the paper's."""
    return {
        f"sight_{sight}": {
            "value": round(value, 4), "unit": "share right", "peer": None, "limit": PAPER.get(sight),
            "goal": f">= {goals[sight]}" if sight in goals else None,
            "holds": value >= goals[sight] if sight in goals else None, "n": _TEST_SEQUENCES * N_WAY,
        }
        for sight, value in enumerate(accuracies, start=1)
    }  # fmt: skip


def encoder(data: Omniglot, *, seed: int, kept: Path = KEPT) -> tuple[Encode, str]:
    """A frozen Conv4 and where it comes from."""
    path = next((found for name in KEPT_METHODS if (found := kept / f"{name}.npz").exists()), None)
    if path is None:
        learned = trained("prototypes", data.background, ENCODER_EPISODES, seed=seed)
        return learned.encode, f"Conv4 of {ENCODER_EPISODES} prototype episodes"
    from classifier.nn.few_shot.encoders import build_conv4

    network = build_conv4(SIDE)
    with np.load(path) as stored:
        network.set_weights([stored[name] for name in stored.files])

    return encoding(network), f"Conv4 of bench_oneshot's {path.stem}"


def by_sight(
    data: Omniglot,
    encode: Encode,
    *,
    updates: int,
    seed: int,
    on_look: Callable[[dict[str, float]], None] = lambda row: print(row, flush=True),
) -> tuple[list[float], list[dict[str, float]]]:
    """Train on the background alphabets; accuracy at the 1st .. 10th sight on unseen ones, and the curve."""
    from keras.utils import set_random_seed

    from classifier.nn.few_shot.episode_network import train_on_episodes
    from classifier.nn.few_shot.memory import build_memory_network, with_past_labels

    known, unseen = encode(data.background.X), encode(data.evaluation.X)
    mean, deviation = known.mean(axis=0), known.std(axis=0) + 1e-6
    known, unseen = (known - mean) / deviation, (unseen - mean) / deviation
    set_random_seed(seed)
    rng = np.random.default_rng(seed)
    network = build_memory_network(known.shape[1], N_WAY)
    curve: list[dict[str, float]] = []

    def batch(drawings: Drawings, vectors: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
        rows, labels = sequences(drawings, n, rng)
        return with_past_labels(vectors[rows], labels, N_WAY), labels

    def on_step(done: int, figures: dict[str, float]) -> None:
        if done % 100 == 0:
            curve.append({"updates": done, **{name: round(value, 4) for name, value in figures.items()}})
            on_look(curve[-1])
            network.reset_metrics()

    train_on_episodes(
        network,
        lambda step: batch(data.background, known, _SEQUENCES),
        steps=updates,
        learning_rate=_RATE,
        on_step=on_step,
    )
    inputs, labels = batch(data.evaluation, unseen, _TEST_SEQUENCES)
    return accuracy_by_sight(network, inputs, labels), curve


def accuracy_by_sight(network: Any, inputs: np.ndarray, labels: np.ndarray) -> list[float]:
    """Share right at the 1st .. 10th sight of a character."""
    right = network.predict(inputs, batch_size=50, verbose=0).argmax(axis=-1) == labels
    seen = sights(labels)
    return [float(right[seen == sight].mean()) for sight in range(1, N_EACH + 1)]


def begun(kept: Path, *, anew: bool, seed: int) -> LongRun:
    """The run on pixels as it was left, or new."""
    import keras

    from classifier.nn.few_shot.memory import build_memory_network

    path = kept / "memory-pixels.npz"
    if anew:
        path.unlink(missing_ok=True)
    keras.utils.set_random_seed(seed)
    network = build_memory_network(PIXELS**2, N_WAY)
    network.compile(
        keras.optimizers.Adam(_PIXEL_RATE, clipnorm=10.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        jit_compile=False,
    )
    return LongRun(network, path)


def on_pixels(
    run: LongRun,
    data: Omniglot,
    *,
    minutes: float,
    seed: int,
    look_every: int = 100,
    on_look: Callable[[dict[str, float]], None] = lambda row: print(row, flush=True),
) -> list[float]:
    """Go on training on drawings themselves; accuracy at the 1st .. 10th sight on unseen alphabets."""
    from classifier.nn.few_shot.memory import with_past_labels

    known = data.background.with_rotations()

    def next_batch(step: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([seed, step])
        rows, labels = sequences(known, _SEQUENCES, rng)
        drawings = bent(known.X[rows.ravel()], rng, shear=0.0, scale=0.0, shift=0.1)
        return with_past_labels(drawings.reshape(*rows.shape, -1), labels, N_WAY), labels

    run.go(next_batch, minutes=minutes, look_every=look_every, look=dict, on_look=on_look)
    rows, labels = sequences(data.evaluation, _TEST_SEQUENCES, np.random.default_rng(seed))
    drawings = data.evaluation.X[rows].reshape(*rows.shape, -1) / np.float32(255.0)
    return accuracy_by_sight(run.with_average(), with_past_labels(drawings, labels, N_WAY), labels)


def sequences(drawings: Drawings, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows and labels (n, 50) of sequences of five characters."""
    rows = drawings.rows
    drawn = [
        sample_sequence(rows, rng.choice(len(rows), N_WAY, replace=False), n_each=N_EACH, rng=rng) for _ in range(n)
    ]
    shown, labels = zip(*drawn, strict=True)
    return np.stack(shown), np.stack(labels)


if __name__ == "__main__":
    main()
