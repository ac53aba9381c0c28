"""Puts the figures of ``calibration.json`` and ``specialists.json`` into ``docs/calibration.md``.

python -m docs.calibration_figures
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "calibration.md"
RESULTS = ROOT / "benchmarks" / "results"
BEGIN = "<!-- figures: written by python -m docs.calibration_figures -->\n"
END = "<!-- end of figures -->\n"
PLAIN = {
    "accuracy": "accuracy",
    "temperature": "temperature",
    "ece_before": "ECE-15 before the temperature",
    "ece_after": "ECE-15 after it",
    "ece_after_floor": "the same, of a model whose confidence is exact",
    "nll_before": "negative log-likelihood before",
    "nll_after": "negative log-likelihood after",
    "brier_after": "Brier after",
    "aurc": "mean risk over coverages (AURC)",
}
RIVALS = {"base": "the ensemble", "equal_compute": "equal compute", "flat": "flat model"}


def main() -> None:
    """Rewrite the part of the page between its marks."""
    found = [json.loads((RESULTS / f"{name}.json").read_text("utf-8")) for name in ("calibration", "specialists")]
    PAGE.write_text(with_figures(PAGE.read_text("utf-8"), *found), "utf-8")


def with_figures(page: str, calibration: dict[str, Any], specialists: dict[str, Any]) -> str:
    """``page`` with the figures of both studies between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    parts = [_calibration(calibration), _sets(calibration), _specialists(specialists)]
    return before + BEGIN + "\n" + "\n\n".join(parts) + "\n\n" + END + after


def _calibration(results: dict[str, Any]) -> str:
    rows = [
        f"{results['photos']} photos in {results['groups']} groups, {results['folds']} outer folds,"
        f" {len(results['seeds'])} seeds; mean, and range over the seeds:",
        "",
        "| | mean | range | goal | holds |",
        "|---|---|---|---|---|",
    ]
    for name, label in PLAIN.items():
        figure = results["figures"][name]
        goal = "" if figure["goal"] is None else f"at most {figure['goal']}"
        rows.append(
            f"| {label} | {figure['value']:.3f} | {figure['low']:.3f} to {figure['high']:.3f} | {goal} |"
            f" {_holds(figure)} |"
        )
    return "\n".join(rows)


def _sets(results: dict[str, Any]) -> str:
    found = results["figures"]
    rows = [
        "| promised | sets hold the true stage | goal | holds | stages on average | answered | right on those |",
        "|---|---|---|---|---|---|---|",
    ]
    for promised in (80, 90, 95):
        covered = found[f"conformal_{promised}_covered"]
        goal = "" if covered["goal"] is None else "{:.0%} to {:.0%}".format(*covered["goal"])
        rows.append(
            f"| {promised} % | {covered['value']:.1%} ({covered['low']:.1%} to {covered['high']:.1%}) | {goal} |"
            f" {_holds(covered)} | {found[f'conformal_{promised}_size']['value']:.2f} |"
            f" {found[f'answering_{promised}_share']['value']:.1%} |"
            f" {found[f'answering_{promised}_accuracy']['value']:.1%} |"
        )
    by_stage = [row["conformal"]["0.9"]["covered_by_stage"] for row in results["seeds"]]
    means = [sum(values) / len(values) for values in zip(*by_stage, strict=True)]
    stages = ", ".join(f"{value:.1%}" for value in means)
    rows += ["", f"Sets of 90 %, by stage (full bloom, seed head, dispersing), mean over seeds: {stages}."]
    return "\n".join(rows)


def _specialists(results: dict[str, Any]) -> str:
    figures, tables = results["figures"], results["tables"]
    rows = [
        "| worlds | n | specialists shipped | goal | holds | how the questions ended |",
        "|---|---|---|---|---|---|",
    ]
    for name, table, goal in (
        ("false_positive_rate", "null", "at most {:.0%}"),
        ("true_positive_rate", "positive", "at least {:.0%}"),
    ):
        figure = figures[name]
        rows.append(
            f"| {table} | {figure['n']} | {figure['value']:.0%} | {goal.format(figure['goal'])} | {_holds(figure)} |"
            f" {_ended(tables[table])} |"
        )
    dandelion = tables["dandelion"]
    if "skipped" not in dandelion:
        n = sum(dandelion["outcomes"].values())
        shipped = dandelion["outcomes"].get("shipped", 0)
        rows.append(f"| dandelion, draws of the folds | {n} | {shipped / n:.0%} | | | {_ended(dandelion)} |")
    gains = tables["positive"]["differences"]
    if gains:
        said = ", ".join(f"{100 * gains[rival]['mean']:+.1f} against {name}" for rival, name in RIVALS.items())
        rows += ["", f"Mean difference in accuracy in the positive worlds, in points: {said}."]
    return "\n".join(rows)


def _ended(table: dict[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(table["outcomes"].items()))


def _holds(figure: dict[str, Any]) -> str:
    return {True: "yes", False: "**no**", None: ""}[figure["holds"]]


if __name__ == "__main__":
    main()
