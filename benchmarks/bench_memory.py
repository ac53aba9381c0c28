"""The memory-augmented network on Omniglot embeddings: accuracy by how often a character has been seen.

    python -m benchmarks.bench_memory [--quick] [--updates 2000] [--shared FOLDER]

Santoro's protocol (5 characters x 10 drawings a sequence, labels bound anew each time, shown one step late) on the
vectors of a frozen Conv4: the one that ``bench_oneshot`` left in ``var/oneshot``, else one trained here for a minute
or two. Trained on the background alphabets, tested on the evaluation ones. Prints a table and writes
``benchmarks/results/memory.json``. On raw pixels the paper trains for 100,000 updates, which is no CPU's work.
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
from benchmarks.omniglot import Drawings, Omniglot, load
from classifier.core.episodes import sample_sequence, sights

N_WAY, N_EACH = 5, 10
GOALS = {2: 0.70, 10: 0.90}
#: Santoro et al., table 1.
PAPER = {1: 0.364, 2: 0.828, 3: 0.910, 4: 0.926, 5: 0.949, 10: 0.981}
ENCODER_EPISODES = 400
#: Of `bench_oneshot`, the better one first.
KEPT_METHODS = ("prototypes", "matching")
_SEQUENCES, _TEST_SEQUENCES, _RATE = 16, 400, 3e-3


def main() -> None:
    """Train, test, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="600 updates")
    parser.add_argument("--updates", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=0, help="of TensorFlow; 0 for its choice")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/")
    arguments = parser.parse_args()
    data = load(SIDE, shared=arguments.shared)
    if isinstance(data, str):
        print(f"skipped: {data}")
        return
    from classifier.nn import devices

    devices.configure(arguments.threads)
    about, updates = machine(threads=arguments.threads or "all"), 600 if arguments.quick else arguments.updates
    encode, origin = encoder(data, seed=arguments.seed)
    busy = time.process_time()
    accuracies, curve = by_sight(data, encode, updates=updates, seed=arguments.seed)
    figures: dict[str, dict[str, Any]] = {
        f"sight_{sight}": {
            "value": round(value, 4), "unit": "share right", "peer": None, "limit": PAPER.get(sight),
            "goal": f">= {GOALS[sight]}" if sight in GOALS else None,
            "holds": value >= GOALS[sight] if sight in GOALS else None, "n": _TEST_SEQUENCES * N_WAY,
        }
        for sight, value in enumerate(accuracies, start=1)
    }  # fmt: skip
    figures["training"] = {
        "value": round((time.process_time() - busy) / 60, 2), "unit": "CPU min", "peer": None, "limit": None,
        "goal": None, "holds": None, "n": 1, "note": f"{updates} updates of {_SEQUENCES} sequences; {origin}",
    }  # fmt: skip
    print_table(figures)
    about["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    path = RESULTS / ("memory.quick.json" if arguments.quick else "memory.json")
    document = {"machine": about, "quick": arguments.quick, "seed": arguments.seed, "figures": figures, "curve": curve}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


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
    right = network.predict(inputs, batch_size=50, verbose=0).argmax(axis=-1) == labels
    seen = sights(labels)
    return [float(right[seen == sight].mean()) for sight in range(1, N_EACH + 1)], curve


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
