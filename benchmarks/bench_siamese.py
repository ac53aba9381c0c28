"""One-shot classification of Omniglot by siamese networks, on both protocols; runs that can be gone on with.

    python -m benchmarks.bench_siamese [--twin conv4] [--minutes 30] [--quick] [--anew] [--shared FOLDER]

Koch's method: twins, a weighted L1 distance, "the same or not" by one logit, drawings bent by affine maps. The twins
are Koch's of 38.9 M weights at 105 pixels (``koch``, for a GPU), a smaller one of the same shape at 35 (``koch-small``)
or the encoder of the other methods at 28 (``conv4``), whose batch normalisation learns in minutes what Koch's sigmoids
take hours for on CPU cores. Two things differ from the paper. Every first drawing of a batch is compared with every
second one, which gives 3,600 pairs for the price of 60, as many for as against by weight; and half of the batches take
characters of three alphabets only, like the trials. Pairs come from 25 background alphabets and their quarter turns,
looks are on the other five.

A run trains for ``--minutes`` of CPU time, prints what `bench_oneshot` prints, writes ``results/siamese.json`` beside
what other twins left there and keeps its state in ``var/oneshot``: the same command goes on where it ended, ``--anew``
begins again.

References:
    Koch, Zemel, Salakhutdinov, "Siamese Neural Networks for One-shot Image Recognition", ICML DL Workshop 2015.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from benchmarks import bench_oneshot
from benchmarks.bench_oneshot import KEPT, N_ANY, VALIDATION_ALPHABETS, Encode, Score, print_table
from benchmarks.feature_sets import SHARED
from benchmarks.figures import RESULTS, machine
from benchmarks.long_runs import LongRun, is_improving
from benchmarks.omniglot import Drawings, Omniglot, bent, load
from classifier.nn.few_shot.encoders import build_conv4, build_koch_encoder

#: At 35 pixels: a third of Koch's kernels, two poolings.
SMALL_BLOCKS, SMALL_UNITS = ((32, 4), (64, 3), (128, 3)), 512
#: Side of the drawings, and what makes the twin for them.
TWINS: dict[str, tuple[int, Callable[[int], keras.Model]]] = {
    "conv4": (28, build_conv4),
    "koch-small": (35, lambda side: build_koch_encoder(side, blocks=SMALL_BLOCKS, units=SMALL_UNITS)),
    "koch": (105, build_koch_encoder),
}
GOAL_LAKE = 0.80
#: Koch, table 2, and the re-run in Vinyals et al., table 1.
PAPERS = {"lake_400": 0.920, "any_20_way_1_shot": 0.880}
RATE, LOOK_EVERY = 2e-3, 250
#: A gain between thirds of the looks that counts as one: trials on 200 episodes vary by about as much.
RISING = 0.003


@keras.saving.register_keras_serializable(package="antesis.benchmarks")
class AllPairs(keras.Model):
    """Logits of "the same" for every pair of two rows of drawings.

    Args:
        twin: Drawings (batch, s, s, 1) to vectors (batch, e).

    Call arguments: float (2 * n, s, s, 1), a drawing of each of n characters and then another of each. Returns logits
    (n, n), first ones by second ones.
    """

    def __init__(self, twin: keras.Model) -> None:
        super().__init__()
        self.twin = twin
        self.same = keras.layers.Dense(1, name="same")

    def balance(self, drawings: np.ndarray) -> None:
        """Start between the two answers: logits of unlike pairs vary by 1, and 0 lies midway to those of like pairs.

        With any other start the network first unlearns the distance, for a small logit costs less than a wrong one.
        """
        vectors = np.asarray(self.twin(drawings, training=True))
        n = len(vectors) // 2
        distances = np.abs(vectors[:n, None] - vectors[None, n:]).sum(axis=2)
        is_same = np.eye(n, dtype=bool)
        scale = 1.0 / float(distances[~is_same].std())
        midway = (distances[is_same].mean() + distances[~is_same].mean()) / 2
        self.same.set_weights([np.full((vectors.shape[1], 1), -scale, np.float32), np.array([scale * midway])])

    def call(self, drawings: Any, training: bool | None = None) -> Any:
        vectors = self.twin(drawings, training=training)
        n = vectors.shape[0] // 2
        return self.same(ops.abs(vectors[:n, None] - vectors[None, n:]))[:, :, 0]


@keras.saving.register_keras_serializable(package="antesis.benchmarks")
class BalancedCrossentropy(keras.losses.Loss):
    """Binary cross-entropy of logits (n, n), the same on the diagonal; both answers weigh a half, as Koch pairs."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        n = y_pred.shape[-1]
        costs = ops.softplus(ops.where(y_true > 0.5, -y_pred, y_pred))
        share = ops.where(y_true > 0.5, 0.5 / n, 0.5 / (n * (n - 1)))
        return n * ops.sum(costs * share, axis=-1)


def main() -> None:
    """Train for a while, test, print, write."""
    arguments = _arguments()
    side = TWINS[arguments.twin][0]
    data = load(side, shared=arguments.shared)
    if isinstance(data, str):
        print(f"skipped: {data}")
        return
    from classifier.nn import devices

    devices.configure(arguments.threads)
    about = machine(threads=arguments.threads or "all", device=devices.device_name())
    run = begun(arguments.twin, kept=arguments.kept, anew=arguments.anew, seed=arguments.seed)

    trained(run, data.background, minutes=arguments.minutes, seed=arguments.seed)
    figures = _figures(run, data, arguments.twin, arguments.seed)
    about["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    print_table(figures)
    path = RESULTS / ("siamese.quick.json" if arguments.quick else "siamese.json")
    before = json.loads(path.read_text("utf-8")) if path.exists() else {"figures": {}, "curves": {}, "is_rising": {}}
    others = {name: figure for name, figure in before["figures"].items() if not name.startswith(f"{arguments.twin}_")}
    rising = is_improving(run.curve, "validation", margin=RISING)
    document = {
        "machine": about, "quick": arguments.quick, "seed": arguments.seed,
        "figures": others | figures,
        "curves": before["curves"] | {arguments.twin: run.curve},
        "is_rising": before["is_rising"] | {arguments.twin: rising},
    }  # fmt: skip
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def begun(name: str, *, kept: Path, anew: bool, seed: int) -> LongRun:
    """The run of these twins, as it was left or new."""
    path = kept / f"siamese-{name}.npz"
    if anew:
        path.unlink(missing_ok=True)
    side, build = TWINS[name]
    keras.utils.set_random_seed(seed)
    network = AllPairs(build(side))
    network(np.zeros((4, side, side, 1), np.float32))
    network.compile(keras.optimizers.Adam(RATE, clipnorm=1.0), BalancedCrossentropy(), jit_compile=False)
    return LongRun(network, path)


def trained(run: LongRun, background: Drawings, *, minutes: float, seed: int, look_every: int = LOOK_EVERY) -> None:
    """Go on training on background alphabets; looks are 20-way trials within alphabets that it does not train on."""
    order = np.random.default_rng(seed).permutation(len(np.unique(background.alphabets)))
    validation = background.of_alphabets(order[:VALIDATION_ALPHABETS])
    known = background.of_alphabets(order[VALIDATION_ALPHABETS:]).with_rotations()
    rows, side = known.rows, background.X.shape[1]

    def next_batch(step: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([seed, step])
        characters = bench_oneshot.characters(known, rng, is_near=step % 2 == 0)
        drawn = np.stack([rng.choice(rows[character], 2, replace=False) for character in characters], axis=1)
        return bent(known.X[drawn.ravel()], rng), np.eye(len(characters), dtype=np.float32)

    def look() -> dict[str, float]:
        encode, score = comparing(run.network, side)
        vectors = encode(validation.X)
        return {"validation": bench_oneshot.within_alphabet(validation, vectors, score, seed=seed)}

    if run.step == 0:
        run.network.balance(next_batch(0)[0])
    run.go(next_batch, minutes=minutes, look_every=look_every, look=look)


def comparing(network: AllPairs, side: int) -> tuple[Encode, Score]:
    """Drawings to vectors, and vectors to scores, by the twin and the distance of the network as it stands."""
    kernel = np.asarray(network.same.kernel)[:, 0]

    def encode(X: np.ndarray) -> np.ndarray:
        drawings = X.reshape(-1, side, side, 1)
        parts = np.array_split(drawings, max(1, len(drawings) // 250))
        return np.concatenate([np.asarray(network.twin(part.astype(np.float32) / 255.0)) for part in parts])

    def score(support: np.ndarray, queries: np.ndarray) -> np.ndarray:
        """Mean logit less the bias, (m, n_way): the argmax of one example is that of the probability."""
        n_way, k_shot, e = support.shape
        flat = support.reshape(-1, e)
        logits = np.stack([np.abs(flat - query) @ kernel for query in queries])
        return logits.reshape(len(queries), n_way, k_shot).mean(axis=2)

    return encode, score


def _figures(run: LongRun, data: Omniglot, twin: str, seed: int) -> dict[str, Any]:
    side = TWINS[twin][0]
    encode, score = comparing(run.with_average(), side)
    found = bench_oneshot.tests(data, encode, score, n_any=N_ANY, seed=seed)
    goals = {"lake_400": GOAL_LAKE}
    figures = {
        f"{twin}_{name}": bench_oneshot.figure(
            share, bench_oneshot.n_trials(name), goal=goals.get(name), limit=PAPERS.get(name)
        )
        for name, share in found.items()
    }
    figures[f"{twin}_training"] = {
        "value": round(run.cpu_minutes, 2), "unit": "CPU min", "peer": None, "limit": None, "goal": None,
        "holds": None, "n": 1, "note": f"{run.step} batches of {2 * bench_oneshot.WAY} drawings at {side} px",
    }  # fmt: skip
    return figures


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one CPU minute, state and figures apart")
    parser.add_argument("--twin", choices=list(TWINS), default="conv4")
    parser.add_argument("--minutes", type=float, default=30.0, help="of CPU time, this call")
    parser.add_argument("--anew", action="store_true", help="do not go on with what was left")
    parser.add_argument("--threads", type=int, default=0, help="of TensorFlow; 0 for its choice")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/")
    arguments = parser.parse_args()
    arguments.kept = KEPT / "quick" if arguments.quick else KEPT
    if arguments.quick:
        arguments.minutes = min(arguments.minutes, 1.0)
    return arguments


if __name__ == "__main__":
    main()
