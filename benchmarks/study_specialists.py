"""Whether specialists of confused pairs ship where they help, and only there.

    python -m benchmarks.study_specialists [--nulls 100] [--positives 20] [--seeds 10] [--shared FOLDER] [--quick]

Null worlds hold nothing for specialists to find: should some ship in over 5 % of them, the test is at fault. In
positive worlds each pair of neighbours has a cue that a linear model of all stages cannot read. On the
dandelion stages the question is put as a training puts it, over several draws of the folds. Writes
``benchmarks/results/specialists.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.feature_sets import SHARED, real
from classifier.core.calibration import apply_temperature, fit_temperature
from classifier.core.contracts import Array
from classifier.core.heads import fit_head, out_of_fold_head_probas
from classifier.core.meta_model import FoundSpecialists, find_specialists
from classifier.core.splits import fold_pairs, grouped_folds

RESULTS = Path(__file__).parent / "results" / "specialists.json"
N_STAGES, N_PHOTOS, PHOTOS_OF_A_PLANT = 7, 1260, 3
FALSE_GOAL, FOUND_GOAL = 0.05, 0.8
WILD = 4.0


def main() -> None:
    """Run, print, write."""
    arguments = _arguments()
    n_nulls, n_positives, n_seeds = (
        (10, 3, 2) if arguments.quick else (arguments.nulls, arguments.positives, arguments.seeds)
    )
    with threadpool_limits(limits=1):
        nulls = [_world(1000 + seed, has_cue=False) for seed in range(n_nulls)]
        positives = [_world(seed, has_cue=True) for seed in range(n_positives)]
        dandelion = _dandelion(arguments.shared, n_seeds)
    false_rate, found_rate = _shipped(nulls), _shipped(positives)
    figures = {
        "false_positive_rate": {
            "value": false_rate, "unit": "share", "goal": FALSE_GOAL, "holds": false_rate <= FALSE_GOAL, "n": n_nulls,
        },
        "true_positive_rate": {
            "value": found_rate, "unit": "share", "goal": FOUND_GOAL, "holds": found_rate >= FOUND_GOAL,
            "n": n_positives,
        },
    }  # fmt: skip
    tables = {"null": _outcomes(nulls), "positive": _outcomes(positives), "dandelion": dandelion}
    print(json.dumps({"figures": figures, "tables": tables}, indent=1))
    if not arguments.dry:
        machine = {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
        RESULTS.parent.mkdir(exist_ok=True)
        document = {"machine": machine, "quick": arguments.quick, "figures": figures, "tables": tables}
        RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nulls", type=int, default=100, help="worlds with nothing to find")
    parser.add_argument("--positives", type=int, default=20, help="worlds with a cue for each pair")
    parser.add_argument("--seeds", type=int, default=10, help="draws of the folds on dandelion")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/ and weights/")
    parser.add_argument("--quick", action="store_true", help="10 null worlds, 3 positive ones, 2 draws")
    parser.add_argument("--dry", action="store_true", help="print only")
    return parser.parse_args()


def _world(seed: int, *, has_cue: bool) -> FoundSpecialists:
    """Seven stages along a line, three photos a plant that resemble each other."""
    rng = np.random.default_rng(seed)
    groups = np.arange(N_PHOTOS) // PHOTOS_OF_A_PLANT
    truth = rng.integers(0, N_STAGES, N_PHOTOS)
    plant = 0.25 * rng.normal(size=groups.max() + 1)[groups]
    place = truth + plant + 0.4 * rng.normal(size=N_PHOTOS)
    plain = np.stack([place, np.abs(place - 3), place**2 / 10, *rng.normal(size=(5, N_PHOTOS))], axis=1)
    cues = WILD * rng.normal(size=(N_PHOTOS, N_STAGES - 1))
    if has_cue:
        for i in range(N_STAGES - 1):
            is_pair = (truth == i) | (truth == i + 1)
            cues[is_pair, i] = 1.6 * np.where(truth[is_pair] == i, 1.0, -1.0) + rng.normal(size=is_pair.sum())
    return _asked(plain, np.concatenate([plain, cues], axis=1), truth, groups, seed)


def _asked(plain: Array, own: Array, truth: Array, groups: Array, seed: int) -> FoundSpecialists:
    """Specialists on ``own`` vectors beside a calibrated head on the ``plain`` ones."""
    targets = np.eye(int(truth.max()) + 1)[truth]
    folds = fold_pairs(grouped_folds(truth, groups, n_folds=5, random_state=seed))
    strength = fit_head(plain, targets, groups=groups, strength=None, random_state=seed).strength
    probas = out_of_fold_head_probas(plain, targets, folds, strength=strength)
    calibrated = apply_temperature(probas, fit_temperature(probas, targets))
    return find_specialists(calibrated, own, targets, groups, feature_space="study@1", random_state=seed)


def _shipped(found: Sequence[FoundSpecialists]) -> float:
    return float(np.mean([it.verdict.outcome == "shipped" for it in found]))


def _outcomes(found: Sequence[FoundSpecialists]) -> dict[str, Any]:
    """How the questions ended, and the mean differences of those that were put to nested evaluation."""
    nested = [it.verdict.differences for it in found if it.verdict.differences]
    return {
        "outcomes": dict(Counter(it.verdict.outcome for it in found)),
        "differences": {
            rival: {
                "mean": float(np.mean([it[rival].mean for it in nested])),
                "lowest": float(np.min([it[rival].low for it in nested])),
                "n": len(nested),
            }
            for rival in (nested[0] if nested else {})
        },
    }


def _dandelion(shared: Path, n_seeds: int) -> dict[str, Any]:
    photos = real("dandelion-stages", is_ordered=True, shared=shared)
    if isinstance(photos, str):
        return {"skipped": photos}
    found = [_asked(photos.X, photos.X, photos.y, photos.groups, seed) for seed in range(n_seeds)]
    gains = [
        {"pair": list(it.pair), "gain": it.gain, "standard_error": it.standard_error, "n_gated": it.n_gated}
        for it in found[0].verdict.mixtures
    ]
    return {**_outcomes(found), "photos": len(photos.y), "pairs_of_the_first_draw": gains}


if __name__ == "__main__":
    main()
