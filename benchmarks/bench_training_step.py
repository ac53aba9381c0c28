"""The training step of the product beside ``keras.fit`` on arrays in memory, in turns in one run.

    python -m benchmarks.bench_training_step [--quick] [--rounds 7] [--photos 1024]

Both sides fit the scratch network at its default size (64 pixels, batches of 32, the same loss and AdamW) on the same
generated pixels, each compiled and warmed up before; a turn is a fit of four epochs. Ours goes through `Trainer.fit`:
photos read from uint8, batches made ahead, a learning rate for every step, asked before every batch whether to stop,
the state of the fit written after every epoch. Two races: without augmentation, against arrays of float32 that are
ready in memory; and with the product's augmentation, against ``keras.fit`` fed by the same augmentation. A share is the
time of ``keras.fit`` over ours: 1 is as fast; each is the median over the rounds. Writes
``benchmarks/results/training_step.json``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.figures import Figure, machine, text_table, write_results

SIDE, BATCH, N_STAGES = 64, 32, 7
#: Of one turn: a fit draws its weights and is set up once, however long it is.
EPOCHS = 4
GOAL = 0.95


def main() -> None:
    """Race, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 rounds of 256 photos")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--photos", type=int, default=1024)
    arguments = parser.parse_args()
    rounds, n_photos = (3, 256) if arguments.quick else (arguments.rounds, arguments.photos)
    about = machine()
    figures: dict[str, Figure] = {}
    for name, is_augmented in (("plain", False), ("augmented", True)):
        found = _race(name, rounds, n_photos, is_augmented=is_augmented)
        print(text_table(found), flush=True)
        figures |= found
    about["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    print(write_results("training_step", figures, about, mode="quick" if arguments.quick else "full"))


def _race(name: str, rounds: int, n_photos: int, *, is_augmented: bool) -> dict[str, Figure]:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n_photos, SIDE, SIDE, 3), dtype=np.uint8)
    targets = np.eye(N_STAGES, dtype=np.float32)[np.arange(n_photos) % N_STAGES]
    steps = EPOCHS * -(-n_photos // BATCH)
    with tempfile.TemporaryDirectory() as folder:
        ours = _product(images, targets, Path(folder), is_augmented=is_augmented)
        theirs = _keras_fit(images, targets, is_augmented=is_augmented)
        for side in (ours, theirs):
            side()  # compiles
        times: list[tuple[float, float]] = []
        for turn in range(rounds):
            pair = {}
            for side in (ours, theirs) if turn % 2 else (theirs, ours):
                pair[side] = _seconds(side)
            times.append((pair[ours], pair[theirs]))
    shares = [peer / own for own, peer in times]
    own, peer = (1000 * median(one) / steps for one in zip(*times, strict=True))
    n = rounds * steps
    beside = "keras.fit fed by the same augmentation" if is_augmented else "keras.fit on float32 arrays in memory"
    return {
        f"{name}_share_of_keras_fit": Figure(
            median(shares), "share", n, goal=GOAL, is_floor=True, note=f"beside {beside}"
        ),
        f"{name}_step": Figure(own, "ms", n, limit=peer, note=f"mean over a fit; limit: {beside}"),
    }


def _seconds(side: Callable[[], Any]) -> float:
    started = time.perf_counter()
    side()
    return time.perf_counter() - started


def _product(images: Any, targets: Any, folder: Path, *, is_augmented: bool) -> Callable[[], None]:
    """A fit as the product makes it."""
    from classifier.nn.cnn import build_cnn
    from classifier.nn.input_pipeline import Augmentation
    from classifier.nn.ordinal import SoftOrdinalCrossentropy
    from classifier.nn.trainer import FitSettings, Trainer

    trainer = Trainer(lambda: build_cnn(SIDE, N_STAGES), SoftOrdinalCrossentropy(N_STAGES, 0.4), planned_steps=10**6)
    augmentation = Augmentation() if is_augmented else None
    settings = FitSettings(EPOCHS, BATCH, 3e-3, 0.02, 8, augmentation=augmentation)
    rows = np.arange(len(images))
    checkpoint = folder / "fit.npz"

    def fit() -> None:
        checkpoint.unlink(missing_ok=True)
        trainer.fit(
            images, targets, rows, None, settings,
            seed=0, checkpoint=checkpoint, on_epoch=lambda end: None, should_stop=lambda: False,
        )  # fmt: skip

    return fit


def _keras_fit(images: Any, targets: Any, *, is_augmented: bool) -> Callable[[], None]:
    """A ``keras.fit`` of the same network, loss and optimiser."""
    import keras

    from classifier.nn.cnn import build_cnn
    from classifier.nn.input_pipeline import Augmentation
    from classifier.nn.ordinal import SoftOrdinalCrossentropy

    network = build_cnn(SIDE, N_STAGES)
    optimizer = keras.optimizers.AdamW(3e-3, weight_decay=0.02)
    metric = keras.metrics.CategoricalAccuracy(name="accuracy")
    network.compile(optimizer, SoftOrdinalCrossentropy(N_STAGES, 0.4), metrics=[metric], jit_compile=True)
    arrays, steps = images.astype(np.float32), -(-len(images) // BATCH)
    rng = np.random.default_rng(0)

    def augmented() -> Iterator[tuple[Any, Any]]:
        while True:
            order = rng.permutation(len(images))
            for start in range(0, len(order), BATCH):
                chosen = order[start : start + BATCH]
                yield Augmentation().apply(images[chosen], rng), targets[chosen]

    def fit() -> None:
        if is_augmented:
            network.fit(augmented(), steps_per_epoch=steps, epochs=EPOCHS, shuffle=False, verbose=0)
        else:
            network.fit(arrays, targets, batch_size=BATCH, epochs=EPOCHS, shuffle=True, verbose=0)

    return fit


if __name__ == "__main__":
    main()
