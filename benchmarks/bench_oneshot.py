"""One-shot classification of Omniglot by Prototypical and Matching Networks, on both protocols.

    python -m benchmarks.bench_oneshot [--quick] [--episodes 3500] [--methods prototypes,matching] [--shared FOLDER]

*Within alphabet*: the 400 fixed trials of Lake et al. (20 runs of 20-way, one example each, characters of one
alphabet). *Any alphabet*: 20 characters drawn from all evaluation alphabets, as Vinyals et al. test. They are
different tests: the same network errs about twice as often on the first. Training sees the 30 background alphabets
only (25 to learn from, 5 to choose the weights by); no evaluation drawing is looked at before the end.

Prints a table and writes ``benchmarks/results/oneshot.json``. CPU minutes are of this process, all threads together.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.feature_sets import ROOT, SHARED
from benchmarks.figures import RESULTS, machine
from benchmarks.omniglot import Drawings, Omniglot, Trials, load
from classifier.core.episodes import Episode, sample_episode

SIDE = 28
WAY = 60
#: Examples and queries of a class in training: one shot, as one will test.
SHOT, QUERIES = 1, 2
GOAL_LAKE, GOAL_ANY, CPU_MINUTES = 0.88, 0.92, 30.0
VALIDATION_ALPHABETS = 5
N_ANY = 1000
PAPERS = {"prototypes": {"any_20_way_1_shot": 0.960}, "matching": {"any_20_way_1_shot": 0.938}}

#: Trained encoders are left here, for the memory-augmented network to read.
KEPT = ROOT / "var" / "oneshot"

Encode = Callable[[np.ndarray], np.ndarray]
Score = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Learned:
    """A trained method.

    Attributes:
        encode: pictures uint8 (n, s, s, 1) to vectors (n, e).
        score: support (n_way, k_shot, e) and queries (m, e) to scores (m, n_way).
        curve: the looks at the validation alphabets.
        weights: of the encoder.
    """

    encode: Encode
    score: Score
    curve: list[dict[str, float]]
    weights: list[np.ndarray]


def main() -> None:
    """Train and test each method, print, write."""
    arguments = _arguments()
    data = load(SIDE, shared=arguments.shared)
    if isinstance(data, str):
        print(f"skipped: {data}")
        return
    from keras.utils import set_random_seed

    from classifier.nn import devices

    devices.configure(arguments.threads)
    about = machine(threads=arguments.threads or "all")
    figures: dict[str, dict[str, Any]] = {}
    curves: dict[str, list[dict[str, float]]] = {}
    pixels = tests(data, lambda X: X.reshape(len(X), -1) / 255.0, _nearest, n_any=N_ANY, seed=arguments.seed)
    for name, share in pixels.items():
        figures[f"pixels_{name}"] = figure(share, n_trials(name), note="nearest drawing, nothing learned")
    for method in arguments.methods.split(","):
        set_random_seed(arguments.seed)
        busy, started = time.process_time(), time.perf_counter()
        looks: list[dict[str, float]] = []

        def on_validation(row: dict[str, float], method: str = method, looks: list[Any] = looks) -> None:
            print(row, flush=True)
            looks.append(row)
            write(figures, curves, about, arguments, unfinished={method: looks})

        learned = trained(method, data.background, arguments.episodes, seed=arguments.seed, on_validation=on_validation)
        curves[method] = learned.curve
        cpu, wall = (time.process_time() - busy) / 60, (time.perf_counter() - started) / 60
        for name, share in tests(data, learned.encode, learned.score, n_any=N_ANY, seed=arguments.seed).items():
            goal = {"lake_400": GOAL_LAKE, "any_20_way_1_shot": GOAL_ANY}.get(name)
            paper = PAPERS[method].get(name)
            figures[f"{method}_{name}"] = figure(share, n_trials(name), goal=goal, limit=paper)
        figures[f"{method}_training"] = {
            "value": round(cpu, 2), "unit": "CPU min", "peer": None, "limit": None, "goal": CPU_MINUTES,
            "holds": cpu <= CPU_MINUTES, "n": 1, "note": f"{arguments.episodes} episodes, {wall:.1f} min by the clock",
        }  # fmt: skip
        if not arguments.quick:
            KEPT.mkdir(parents=True, exist_ok=True)
            np.savez(KEPT / f"{method}.npz", *learned.weights)
        about["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
        write(figures, curves, about, arguments)
    print_table(figures)


def write(
    figures: dict[str, Any],
    curves: dict[str, Any],
    about: dict[str, Any],
    arguments: argparse.Namespace,
    *,
    unfinished: dict[str, Any] | None = None,
    folder: Path = RESULTS,
) -> None:
    """Write what there is so far; a method that this run does not train keeps its figures of an earlier one.

    The curve of a training that still runs, or was stopped, stands apart under ``unfinished``: figures and curves
    beside each other are of one training.
    """
    path = folder / ("oneshot.quick.json" if arguments.quick else "oneshot.json")
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"figures": {}, "curves": {}}
    under_way = {name: curve for name, curve in before.get("unfinished", {}).items() if name not in curves}
    document = {
        "machine": about,
        "quick": arguments.quick,
        "seed": arguments.seed,
        "figures": before["figures"] | figures,
        "curves": before["curves"] | curves,
        "unfinished": under_way | (unfinished or {}),
    }
    folder.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def trained(
    method: str,
    background: Drawings,
    episodes: int,
    *,
    seed: int,
    on_validation: Callable[[dict[str, float]], None] = lambda row: print(row, flush=True),
) -> Learned:
    """Train a method on background alphabets.

    Half of the episodes take characters of three alphabets only, so that like characters have to be told apart; the
    weights kept are those that did best on validation alphabets, of ten looks.
    """
    from classifier.nn.few_shot.comparers import AttentionComparer, PrototypeComparer
    from classifier.nn.few_shot.encoders import build_conv4
    from classifier.nn.few_shot.episode_network import EpisodeNetwork, episode_batch, train_on_episodes

    rng = np.random.default_rng(seed)
    order = rng.permutation(len(np.unique(background.alphabets)))
    validation = background.of_alphabets(order[:VALIDATION_ALPHABETS])
    known = background.of_alphabets(order[VALIDATION_ALPHABETS:]).with_rotations()
    comparer = {"prototypes": PrototypeComparer, "matching": AttentionComparer}[method]()
    network = EpisodeNetwork(build_conv4(SIDE), comparer, n_way=WAY, k_shot=SHOT)

    def attention(support: np.ndarray, queries: np.ndarray) -> np.ndarray:
        return _attention(support, queries, scale=float(np.asarray(comparer.scale)))

    score = attention if method == "matching" else _nearest
    rows, curve, encode = known.rows, [], encoding(network.encoder)
    looks = max(1, episodes // 10)
    best: dict[str, Any] = {"accuracy": -1.0, "weights": []}

    def next_batch(step: int) -> tuple[Any, np.ndarray]:
        episode = sample_episode(
            rows, characters(known, rng, is_near=step % 2 == 0), k_shot=SHOT, n_queries=QUERIES, rng=rng
        )
        inputs, labels = episode_batch([episode], known.X)
        return {name: pictures / np.float32(255.0) for name, pictures in inputs.items()}, labels

    def on_step(done: int, figures: dict[str, float]) -> None:
        if done % looks and done != episodes:
            return
        # Characters of one alphabet, like the harder test.
        accuracy = within_alphabet(validation, encode(validation.X), score, seed=seed)
        row = {"episodes": done, **figures, "validation": accuracy, "cpu_minutes": time.process_time() / 60}
        curve.append({name: round(float(value), 4) for name, value in row.items()})
        on_validation(curve[-1])
        network.reset_metrics()
        if accuracy >= best["accuracy"]:
            best.update(accuracy=accuracy, weights=network.encoder.get_weights())

    train_on_episodes(network, next_batch, steps=episodes, on_step=on_step)
    network.encoder.set_weights(best["weights"])
    return Learned(encode, score, curve, best["weights"])


def encoding(network: Any) -> Encode:
    """Pictures uint8 (n, s, s, 1) to the vectors of a Conv4 with its statistics fixed."""

    def encode(X: np.ndarray) -> np.ndarray:
        pictures = X.reshape(-1, SIDE, SIDE, 1).astype(np.float32) / 255.0
        parts = np.array_split(pictures, max(1, len(pictures) // 500))
        return np.concatenate([np.asarray(network(part, training=False)) for part in parts])

    return encode


def tests(data: Omniglot, encode: Encode, score: Score, *, n_any: int, seed: int) -> dict[str, float]:
    """Accuracies on Lake's trials and on any-alphabet episodes."""
    vectors = encode(data.evaluation.X)
    found = {"lake_400": lake(data.trials, encode, score)}
    for n_way in (20, 5):
        for k_shot in (1, 5):
            found[f"any_{n_way}_way_{k_shot}_shot"] = any_alphabet(
                data.evaluation, vectors, score, n_way=n_way, k_shot=k_shot, n=n_any, seed=seed
            )
    return found


def lake(trials: Trials, encode: Encode, score: Score) -> float:
    """Share of the 400 fixed trials that are right."""
    right = []
    for support, queries, answers in zip(trials.support, trials.queries, trials.answers, strict=True):
        right.append(score(encode(support)[:, None], encode(queries)).argmax(axis=1) == answers)
    return float(np.concatenate(right).mean())


def any_alphabet(
    drawings: Drawings, vectors: np.ndarray, score: Score, *, n_way: int, k_shot: int, n: int, seed: int
) -> float:
    """Mean accuracy over `n` episodes with one query a character."""
    rng = np.random.default_rng([seed, n_way, k_shot])
    rows, right = drawings.rows, []
    for _ in range(n):
        classes = rng.choice(len(rows), n_way, replace=False)
        right.append(_accuracy(sample_episode(rows, classes, k_shot=k_shot, n_queries=1, rng=rng), vectors, score))
    return float(np.mean(right))


def within_alphabet(drawings: Drawings, vectors: np.ndarray, score: Score, *, seed: int, n: int = 200) -> float:
    """Mean accuracy over `n` 20-way episodes of one alphabet each; alphabets with fewer characters are used whole."""
    rng = np.random.default_rng(seed)
    rows, right = drawings.rows, []
    for _ in range(n):
        classes = np.flatnonzero(drawings.alphabets == rng.choice(drawings.alphabets))
        classes = rng.permutation(classes)[:20]
        right.append(_accuracy(sample_episode(rows, classes, k_shot=1, n_queries=1, rng=rng), vectors, score))
    return float(np.mean(right))


def _accuracy(episode: Episode, vectors: np.ndarray, score: Score) -> float:
    scores = score(vectors[episode.support_idx], vectors[episode.query_idx.ravel()])
    return float((scores.argmax(axis=1) == episode.query_labels).mean())


def characters(known: Drawings, rng: np.random.Generator, *, is_near: bool) -> np.ndarray:
    """Classes of a training episode: of three alphabets, filled up from all where those are small; or of all."""
    n = len(known.alphabets)
    if not is_near:
        return rng.choice(n, WAY, replace=False)
    few = rng.choice(int(known.alphabets.max()) + 1, 3, replace=False)
    near = rng.permutation(np.flatnonzero(np.isin(known.alphabets, few)))[:WAY]
    others = rng.permutation(np.setdiff1d(np.arange(n), near))[: WAY - len(near)]
    return np.concatenate([near, others])


def _nearest(support: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Negative squared distance (m, n_way) to the mean of each class of `support` (n_way, k_shot, e)."""
    means = support.mean(axis=1)
    return 2 * queries @ means.T - (means**2).sum(axis=1) - (queries**2).sum(axis=1)[:, None]


def _attention(support: np.ndarray, queries: np.ndarray, *, scale: float) -> np.ndarray:
    """Attention (m, n_way) by cosine to the examples (n_way, k_shot, e) of each class, not normalised."""
    n_way, k_shot, e = support.shape
    flat = support.reshape(-1, e)
    flat = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    unit = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    return np.exp(scale * (unit @ flat.T - 1)).reshape(len(queries), n_way, k_shot).sum(axis=2)


def n_trials(name: str) -> int:
    """Queries behind the share of a test of `tests`."""
    return 400 if name == "lake_400" else N_ANY * int(name.split("_")[1])


def figure(
    value: float, n: int, *, goal: float | None = None, limit: float | None = None, note: str = ""
) -> dict[str, Any]:
    """A share as it is written."""
    found = {
        "value": round(value, 4), "unit": "share right", "peer": None, "limit": limit,
        "goal": None if goal is None else f">= {goal}", "holds": None if goal is None else value >= goal, "n": n,
    }  # fmt: skip
    return found | ({"note": note} if note else {})


def print_table(figures: dict[str, dict[str, Any]]) -> None:
    """Figures so far, one a line."""
    for name, figure in figures.items():
        print(f"{name:34} {figure['value']:8.3f} {figure['unit']:12} goal {figure['goal']} holds {figure['holds']}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="300 episodes a method")
    parser.add_argument("--episodes", type=int, default=3500)
    parser.add_argument("--methods", default="prototypes,matching")
    parser.add_argument("--threads", type=int, default=0, help="of TensorFlow; 0 for its choice")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.episodes = min(arguments.episodes, 300)
    return arguments


if __name__ == "__main__":
    main()
