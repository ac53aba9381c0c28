"""How well wrong labels are found, and what looking at the most doubtful ones is worth.

    python -m benchmarks.study_label_quality [--quick] [--seeds 8] [--shared FOLDER]

A tenth of the labels is moved to a neighbouring stage. Out-of-fold probabilities of a head on frozen features, fitted
on these labels with whole groups left out, rank the labels. Measured: area under the precision-recall curve, precision
at as many labels as are wrong, and how much of the lost accuracy comes back when the most doubtful fifth is put right.
The flags of confident learning are compared with cleanlab's in the same run. On a generated season the same is done
with near-duplicates, timelines and the season as further evidence. Writes ``benchmarks/results/label_quality.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score
from threadpoolctl import threadpool_limits

from benchmarks.feature_sets import SHARED, FeatureSet, from_specs, real
from classifier.core.heads import out_of_fold_head_probas
from classifier.core.label_quality import confident_learning, normalised_margin, ordinal_quality, self_confidence
from classifier.core.season import fit_season
from classifier.core.second_look import Evidence, pooled_evidence
from classifier.core.splits import fold_pairs, grouped_folds
from classifier.core.timelines import fit_stage_days, plant_rows, smooth_plants
from labeling.synthetic.season import simulate_season

try:
    from cleanlab.filter import find_label_issues
except ImportError:
    find_label_issues = None

RESULTS = Path(__file__).parent / "results" / "label_quality.json"
NOISE, REVIEWED = 0.10, 0.20
FOLDS, REPEATS, STRENGTH = 5, 3, 1.0
ACCURACY_DRAWS = 10
SCORES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "self_confidence": self_confidence,
    "normalised_margin": normalised_margin,
    "ordinal_quality": ordinal_quality,
}
AUPRC_GOAL, PRECISION_GOAL, RECOVERED_GOAL, AGREEMENT_GOAL = 0.70, 0.65, 0.90, 0.999


def main() -> None:
    """Run, print, write."""
    arguments = _arguments()
    load = os.getloadavg()
    seeds = 3 if arguments.quick else arguments.seeds
    figures: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    tables: dict[str, Any] = {}
    with threadpool_limits(limits=1):
        photos = real("dandelion-stages", is_ordered=True, shared=arguments.shared)
        if isinstance(photos, str):
            skipped["dandelion"] = photos
            print(f"skipped: {photos}")
        else:
            tables["dandelion"] = _study(photos, seeds, figures)
        if find_label_issues is None:
            skipped["cleanlab"] = "not installed (requirements-dev.txt)"
        else:
            tables["cleanlab"] = _cleanlab(figures, quick=arguments.quick)
        tables["season"] = _season(seeds, figures, arguments)
    for name, figure in figures.items():
        bounds = f"({figure['low']:.3f}-{figure['high']:.3f})" if "low" in figure else ""
        print(f"{name:38} {figure['value']:8.4f} {bounds:15} goal {figure['goal']} holds {figure['holds']}")
    machine = {
        "processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version(),
        "load_before": load, "load_after": os.getloadavg(),
    }  # fmt: skip
    document = {"machine": machine, "quick": arguments.quick, "skipped": skipped, "figures": figures, "tables": tables}
    if not arguments.dry:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 seeds, a smaller season")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with data/ and weights/")
    parser.add_argument("--dry", action="store_true", help="print only")
    return parser.parse_args()


def with_neighbour_flips(y: np.ndarray, n_stages: int, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of which ``share`` is moved to a neighbouring stage, and the mask of those."""
    rng = np.random.default_rng(seed)
    is_wrong = np.zeros(len(y), bool)
    is_wrong[rng.permutation(len(y))[: round(share * len(y))]] = True
    step = rng.choice([-1, 1], len(y))
    moved = y + step
    moved = np.where((moved < 0) | (moved >= n_stages), y - step, moved)
    return np.where(is_wrong, moved, y), is_wrong


def out_of_fold(photos: FeatureSet, labels: np.ndarray, seed: int, repeats: int = REPEATS) -> np.ndarray:
    """Mean out-of-fold probabilities over some draws of the folds; plain targets, for labels are to be judged."""
    targets = np.eye(photos.n_stages, dtype=np.float32)[labels]
    total = np.zeros((len(labels), photos.n_stages))
    for repeat in range(repeats):
        folds = fold_pairs(grouped_folds(labels, photos.groups, n_folds=FOLDS, random_state=seed * 100 + repeat))
        total += out_of_fold_head_probas(photos.X, targets, folds, strength=STRENGTH, tau=0.0, max_iterations=100)
    return total / repeats


def _accuracy(photos: FeatureSet, labels: np.ndarray, seed: int) -> float:
    """Of heads fitted on ``labels``, against the true stages of groups they have not seen.

    Mean over draws of the folds: one draw varies by as much as the noise costs. Each draw by itself, since averaged
    heads would be better than any that is used.
    """
    draws = [
        out_of_fold(photos, labels, seed * ACCURACY_DRAWS + draw, repeats=1).argmax(axis=1)
        for draw in range(ACCURACY_DRAWS)
    ]
    return float(np.mean([(predicted == photos.y).mean() for predicted in draws]))


def _study(photos: FeatureSet, seeds: int, figures: dict[str, Any]) -> dict[str, Any]:
    rows: list[dict[str, float]] = []
    for seed in range(seeds):
        labels, is_wrong = with_neighbour_flips(photos.y, photos.n_stages, NOISE, seed)
        probas = out_of_fold(photos, labels, seed)
        row: dict[str, float] = {}
        for name, score in SCORES.items():
            quality = score(probas, labels)
            row[f"{name}_auprc"] = float(average_precision_score(is_wrong, -quality))
            row[f"{name}_precision"] = float(is_wrong[np.argsort(quality, kind="stable")[: is_wrong.sum()]].mean())
            worst = np.argsort(quality, kind="stable")[: round(REVIEWED * len(labels))]
            reviewed = labels.copy()
            reviewed[worst] = photos.y[worst]
            row[f"{name}_accuracy_reviewed"] = _accuracy(photos, reviewed, seed)
        flags = confident_learning(probas, labels)
        row["flag_precision"] = float(is_wrong[flags.is_flagged].mean())
        row["flag_recall"] = float(flags.is_flagged[is_wrong].mean())
        row["noise_rate_estimated"] = flags.noise_rate
        row["accuracy_noisy"], row["accuracy_clean"] = (
            _accuracy(photos, labels, seed),
            _accuracy(photos, photos.y, seed),
        )
        # A stream of its own: that of the flips would draw just the wrong labels.
        at_random = np.random.default_rng([seed, 5]).permutation(len(labels))[: round(REVIEWED * len(labels))]
        reviewed = labels.copy()
        reviewed[at_random] = photos.y[at_random]
        row["accuracy_reviewed_at_random"] = _accuracy(photos, reviewed, seed)
        rows.append(row)
        print(f"seed {seed}: " + "  ".join(f"{name} {value:.3f}" for name, value in row.items()), flush=True)
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    for name in SCORES:
        figures[f"{name}_auprc"] = _mean_figure(columns[f"{name}_auprc"], AUPRC_GOAL, seeds)
        figures[f"{name}_precision_at_errors"] = _mean_figure(columns[f"{name}_precision"], PRECISION_GOAL, seeds)
        figures[f"{name}_accuracy_recovered"] = _recovered(columns, f"{name}_accuracy_reviewed", seeds)
    figures["random_review_accuracy_recovered"] = {
        **_recovered(columns, "accuracy_reviewed_at_random", seeds), "goal": None, "holds": None,
    }  # fmt: skip
    return {"photos": len(photos.y), "space": photos.space, "seeds": rows}


def _mean_figure(values: np.ndarray, goal: float | None, seeds: int) -> dict[str, Any]:
    draws = np.random.default_rng(0).integers(0, len(values), (2000, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    value = float(values.mean())
    return {
        "value": value, "low": float(low), "high": float(high), "unit": "share", "peer": None, "limit": None,
        "goal": goal, "holds": None if goal is None else value >= goal, "n": seeds,
    }  # fmt: skip


def _recovered(columns: dict[str, np.ndarray], reviewed: str, seeds: int) -> dict[str, Any]:
    """Share of the lost accuracy that comes back: ratio of means, since one seed's loss may be near nothing."""
    lost = columns["accuracy_clean"] - columns["accuracy_noisy"]
    back = columns[reviewed] - columns["accuracy_noisy"]
    draws = np.random.default_rng(0).integers(0, len(lost), (2000, len(lost)))
    low, high = np.quantile(back[draws].mean(axis=1) / lost[draws].mean(axis=1), [0.025, 0.975])
    value = float(back.mean() / lost.mean())
    return {
        "value": value, "low": float(low), "high": float(high), "unit": "share of the loss", "peer": None,
        "limit": None, "goal": RECOVERED_GOAL, "holds": value >= RECOVERED_GOAL, "n": seeds,
    }  # fmt: skip


def _cleanlab(figures: dict[str, Any], *, quick: bool) -> dict[str, Any]:
    """Agreement of flags over 50,000 generated labels at several rates of noise."""
    table = {}
    for noise in (0.05, 0.1, 0.2, 0.4):
        rng = np.random.default_rng(round(100 * noise))
        truth = rng.choice(7, 5000 if quick else 50_000, p=rng.dirichlet(np.full(7, 5.0)))
        labels, _ = with_neighbour_flips(truth, 7, noise, 1)
        logits = 2.0 * np.eye(7)[truth] + rng.normal(size=(len(truth), 7))
        probas = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        theirs = find_label_issues(labels, probas, n_jobs=1)
        table[str(noise)] = float((confident_learning(probas, labels).is_flagged == theirs).mean())
    worst = min(table.values())
    figures["cleanlab_agreement"] = {
        "value": worst, "unit": "share of labels, worst of 4", "peer": 1.0, "limit": None, "goal": AGREEMENT_GOAL,
        "holds": worst >= AGREEMENT_GOAL, "n": 5000 if quick else 50_000,
    }  # fmt: skip
    return table


def _season(seeds: int, figures: dict[str, Any], arguments: argparse.Namespace) -> dict[str, Any]:
    """The model alone, and with date, place and the plant's other photos, on a season of many plants."""
    plants = 4 if arguments.quick else 12
    specs = simulate_season(n_sites=4, plants_per_site=plants, seed=11, every=3)
    photos = from_specs(f"season-{plants}", specs, shared=arguments.shared)
    days = np.array([spec.taken_at.timetuple().tm_yday + spec.taken_at.hour / 24 for spec in specs])
    sites = np.array([spec.site.name for spec in specs])
    rows = [_season_row(photos, days, sites, seed) for seed in range(seeds)]
    for name in rows[0]:
        figures[f"season_{name}"] = _mean_figure(np.array([row[name] for row in rows]), None, seeds)
    return {"photos": len(photos.y), "plants": len(np.unique(photos.groups)), "seeds": rows}


def _season_row(photos: FeatureSet, days: np.ndarray, sites: np.ndarray, seed: int) -> dict[str, float]:
    k = photos.n_stages
    labels, is_wrong = with_neighbour_flips(photos.y, k, NOISE, seed)
    probas = out_of_fold(photos, labels, seed, repeats=1)
    plants = plant_rows(photos.groups)
    stage_days = fit_stage_days([labels[r] for r in plants], [days[r] for r in plants], n_stages=k)
    others = smooth_plants(probas, days, photos.groups, stage_days=stage_days).others
    season = np.empty_like(probas)
    folds = grouped_folds(labels, photos.groups, n_folds=FOLDS, random_state=seed)
    for fold in range(int(folds.max()) + 1):
        out = folds == fold
        fitted = fit_season(days[~out], sites[~out], np.eye(k)[labels[~out]], groups=photos.groups[~out])
        season[out] = fitted.predict_proba(days[out], sites[out])
    model = Evidence("model", probas)
    mixed = {
        "model": [model],
        "model_and_season": [model, Evidence("season", season)],
        "model_and_timeline": [model, Evidence("timeline", others)],
        "model_timeline_season": [model, Evidence("timeline", others), Evidence("season", season)],
    }
    row = {}
    for name, evidence in mixed.items():
        quality = self_confidence(pooled_evidence(evidence), labels)
        row[f"{name}_auprc"] = float(average_precision_score(is_wrong, -quality))
        row[f"{name}_precision"] = float(is_wrong[np.argsort(quality, kind="stable")[: is_wrong.sum()]].mean())
    return row


if __name__ == "__main__":
    main()
