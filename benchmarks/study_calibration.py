"""How far confidence can be trusted on real photos: calibration, sets, and answering only where the model is sure.

    python -m benchmarks.study_calibration [--seeds 10] [--folds 5] [--shared FOLDER] [--quick] [--dry]

Everything is nested. For each seed and each outer grouped fold of the dandelion stages, the head on frozen features is
fitted on the other folds as a training fits it; the temperature, the threshold of the sets and the threshold of
answering come from out-of-fold probabilities inside those folds; the outer fold is scored once. Beside the error of
calibration stands what a perfectly calibrated model with the same confidences would read: with 810 photos in 15 bins it
is not zero. Writes ``benchmarks/results/calibration.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.feature_sets import SHARED, FeatureSet, real
from classifier.core.calibration import apply_temperature, fit_temperature
from classifier.core.conformal import coverage_and_size, fit_conformal
from classifier.core.heads import fit_head, out_of_fold_head_probas
from classifier.core.metrics import expected_calibration_error, negative_log_likelihood
from classifier.core.selective import answer_threshold, area_under_risk_coverage
from classifier.core.splits import fold_pairs, grouped_folds

RESULTS = Path(__file__).parent / "results" / "calibration.json"
COVERAGES = (0.8, 0.9, 0.95)
ECE_GOAL, COVERED_GOAL = 0.03, (0.88, 0.92)
TAU = 0.4
"""As a training smooths its targets (``TrainingConfig.tau``)."""
FLOOR_DRAWS = 200


def main() -> None:
    """Run, print, write."""
    arguments = _arguments()
    photos = real("dandelion-stages", is_ordered=True, shared=arguments.shared)
    if isinstance(photos, str):
        print(f"skipped: {photos}")
        return
    n_seeds = 2 if arguments.quick else arguments.seeds
    with threadpool_limits(limits=1):
        rows = [_one_seed(photos, seed, arguments.folds) for seed in range(n_seeds)]
    figures = _figures(rows)
    for name, figure in figures.items():
        print(
            f"{name:28} {figure['value']:7.4f} ({figure['low']:.4f} to {figure['high']:.4f})"
            f"  goal {figure['goal']} holds {figure['holds']}"
        )
    document = {
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()},
        "quick": arguments.quick,
        "photos": len(photos.y),
        "groups": len(np.unique(photos.groups)),
        "space": photos.space,
        "folds": arguments.folds,
        "figures": figures,
        "seeds": rows,
    }
    if not arguments.dry:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="2 seeds")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/ and weights/")
    parser.add_argument("--dry", action="store_true", help="print only")
    return parser.parse_args()


def _one_seed(photos: FeatureSet, seed: int, n_folds: int) -> dict[str, Any]:
    n, k = len(photos.y), photos.n_stages
    before, after = np.zeros((n, k)), np.zeros((n, k))
    sets = {coverage: np.zeros((n, k), bool) for coverage in COVERAGES}
    answered = {coverage: np.zeros(n, bool) for coverage in COVERAGES}
    temperatures = []
    folds = fold_pairs(grouped_folds(photos.y, photos.groups, n_folds=n_folds, random_state=seed))
    for train, test in folds:
        inner, scored = _probas(photos, train, test, seed)
        temperature = fit_temperature(inner, np.eye(k)[photos.y[train]])
        temperatures.append(temperature)
        calibrated = apply_temperature(inner, temperature)
        before[test], after[test] = scored, apply_temperature(scored, temperature)
        for coverage in COVERAGES:
            fitted = fit_conformal(calibrated, photos.y[train], photos.groups[train], coverage=coverage)
            sets[coverage][test] = fitted.sets(after[test])
            answered[coverage][test] = after[test].max(axis=1) >= answer_threshold(calibrated.max(axis=1), coverage)
    return {
        "seed": seed,
        "temperature": float(np.mean(temperatures)),
        "before": _calibration(before, photos.y, seed),
        "after": _calibration(after, photos.y, seed),
        "aurc": area_under_risk_coverage(after.max(axis=1), after.argmax(axis=1) == photos.y),
        "conformal": {str(c): _coverage(sets[c], photos) for c in COVERAGES},
        "answering": {str(c): _answering(answered[c], after.argmax(axis=1) == photos.y) for c in COVERAGES},
    }


def _probas(photos: FeatureSet, train: np.ndarray, test: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Out-of-fold probabilities of ``train`` among itself, and those of ``test`` by a head fitted on all of it."""
    X, y, groups = photos.X[train], photos.y[train], photos.groups[train]
    targets = np.eye(photos.n_stages)[y]
    folds = fold_pairs(grouped_folds(y, groups, n_folds=5, random_state=seed))
    head = fit_head(X, targets, groups=groups, strength=None, tau=TAU, random_state=seed)
    inner = out_of_fold_head_probas(X, targets, folds, strength=head.strength, tau=TAU)
    return inner, head.predict_proba(photos.X[test])


def _calibration(probas: np.ndarray, truth: np.ndarray, seed: int) -> dict[str, float]:
    confidence = probas.max(axis=1)
    rng = np.random.default_rng(seed)
    # One stage that is right as often as the confidence says: what is left is the noise of the bins.
    coins = [rng.random(len(truth)) < confidence for _ in range(FLOOR_DRAWS)]
    two = np.stack([confidence, np.full(len(confidence), -1.0)], axis=1)
    floor = np.mean([expected_calibration_error(two, np.where(coin, 0, 1)) for coin in coins])
    targets = np.eye(probas.shape[1])[truth]
    return {
        "ece": expected_calibration_error(probas, truth),
        "ece_floor": float(floor),
        "nll": negative_log_likelihood(probas, targets),
        "brier": float(((probas - targets) ** 2).sum(axis=1).mean()),
        "accuracy": float((probas.argmax(axis=1) == truth).mean()),
    }


def _coverage(sets: np.ndarray, photos: FeatureSet) -> dict[str, Any]:
    covered, size = coverage_and_size(sets, photos.y)
    by_stage = [coverage_and_size(sets[photos.y == k], photos.y[photos.y == k]) for k in range(photos.n_stages)]
    return {
        "covered": covered,
        "size": size,
        "one_stage": float((sets.sum(axis=1) == 1).mean()),
        "covered_by_stage": [c for c, _ in by_stage],
        "size_by_stage": [s for _, s in by_stage],
    }


def _answering(answered: np.ndarray, correct: np.ndarray) -> dict[str, float]:
    return {"answered": float(answered.mean()), "accuracy": float(correct[answered].mean()) if answered.any() else 0.0}


def _figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    def figure(values: Sequence[float], goal: Any = None, holds: bool | None = None) -> dict[str, Any]:
        mean = float(np.mean(values))
        return {"value": mean, "low": min(values), "high": max(values), "n": len(values), "goal": goal, "holds": holds}

    ece = [row["after"]["ece"] for row in rows]
    covered = [row["conformal"]["0.9"]["covered"] for row in rows]
    low, high = COVERED_GOAL
    figures = {
        "ece_before": figure([row["before"]["ece"] for row in rows]),
        "ece_after": figure(ece, ECE_GOAL, bool(np.mean(ece) <= ECE_GOAL)),
        "ece_after_floor": figure([row["after"]["ece_floor"] for row in rows]),
        "nll_before": figure([row["before"]["nll"] for row in rows]),
        "nll_after": figure([row["after"]["nll"] for row in rows]),
        "brier_after": figure([row["after"]["brier"] for row in rows]),
        "accuracy": figure([row["after"]["accuracy"] for row in rows]),
        "temperature": figure([row["temperature"] for row in rows]),
        "aurc": figure([row["aurc"] for row in rows]),
    }
    for coverage in COVERAGES:
        name = f"conformal_{round(100 * coverage)}"
        is_judged = coverage == 0.9
        figures[f"{name}_covered"] = figure(
            [row["conformal"][str(coverage)]["covered"] for row in rows],
            list(COVERED_GOAL) if is_judged else None,
            bool(low <= np.mean(covered) <= high) if is_judged else None,
        )
        figures[f"{name}_size"] = figure([row["conformal"][str(coverage)]["size"] for row in rows])
        figures[f"answering_{round(100 * coverage)}_share"] = figure(
            [row["answering"][str(coverage)]["answered"] for row in rows]
        )
        figures[f"answering_{round(100 * coverage)}_accuracy"] = figure(
            [row["answering"][str(coverage)]["accuracy"] for row in rows]
        )
    return figures


if __name__ == "__main__":
    main()
