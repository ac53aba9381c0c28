"""Makes ``crowdkit_posteriors.json``: what crowd-kit's Dawid-Skene says of three small data sets.

crowd-kit is no dependency of the product or its tests. In a virtual environment outside the repository:

    pip install --no-deps crowd-kit==1.4.2
    pip install pandas numpy scikit-learn attrs tqdm pyarrow
    python tests/data/crowdkit_posteriors.py

nltk and transformers, which its aggregation of texts needs and this does not, are replaced by nothing.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np

for unused in ("nltk", "nltk.translate", "nltk.translate.gleu_score", "transformers"):
    sys.modules[unused] = MagicMock()

import pandas as pd  # type: ignore[import-untyped]  # noqa: E402
from crowdkit.aggregation import DawidSkene, OneCoinDawidSkene  # type: ignore[import-not-found]  # noqa: E402

TARGET = Path(__file__).with_suffix(".json")


def binary(rng: np.random.Generator) -> np.ndarray:
    """Confusions (A, K, K) of six people who err in one direction more than in the other."""
    up, down = rng.uniform(0.05, 0.35, 6), rng.uniform(0.05, 0.35, 6)
    return np.stack([np.stack([1 - up, up], axis=1), np.stack([down, 1 - down], axis=1)], axis=1)


def unordered(rng: np.random.Generator) -> np.ndarray:
    """Five people who are right with a probability of their own and else name any other class."""
    right = rng.uniform(0.55, 0.9, 5)[:, None, None]
    return np.where(np.eye(4, dtype=bool), right, (1 - right) / 3)


def ordered(rng: np.random.Generator) -> np.ndarray:
    """Five people who err to the stages next door, and seldom further."""
    confusion = np.zeros((5, 5, 5))
    for person, truth, answer in np.ndindex(5, 5, 5):
        if answer != truth:
            confusion[person, truth, answer] = rng.uniform(0.04, 0.16) * 0.1 ** (abs(answer - truth) - 1)
    confusion[:, range(5), range(5)] = 1 - confusion.sum(axis=2)
    return confusion


def main() -> None:
    """Draw, aggregate, write."""
    sets = {}
    for seed, (make, aggregator, n_labels) in enumerate(
        [(binary, DawidSkene, 5), (unordered, OneCoinDawidSkene, 4), (ordered, DawidSkene, 5)]
    ):
        rng = np.random.default_rng([2026, seed])
        confusion, n_photos = make(rng), 240
        truth = rng.integers(0, confusion.shape[1], n_photos)
        rows = []
        for photo, stage in enumerate(truth):
            for person in rng.permutation(len(confusion))[:n_labels]:
                rows.append((photo, int(person), int(rng.choice(confusion.shape[1], p=confusion[person, stage]))))
        frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
        model = aggregator(n_iter=5000, tol=1e-12).fit(frame)
        probas = model.probas_.sort_index()[sorted(frame.label.unique())].to_numpy()
        sets[make.__name__] = {
            "aggregator": aggregator.__name__,
            "n_stages": confusion.shape[1],
            "n_annotators": len(confusion),
            "opinions": rows,
            "truth": truth.tolist(),
            "posterior": probas.round(6).tolist(),
        }
        print(make.__name__, "accuracy", (probas.argmax(axis=1) == truth).mean())
    document = {"crowd_kit": version("crowd-kit"), "sets": sets}
    TARGET.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
