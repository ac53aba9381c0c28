"""Puts the figures of ``benchmarks/results/self_supervised.json`` into ``docs/self-supervised.md``.

python -m docs.self_supervised_figures
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "self-supervised.md"
RESULTS = ROOT / "benchmarks" / "results" / "self_supervised.json"
BEGIN = "<!-- figures: written by python -m docs.self_supervised_figures -->\n"
END = "<!-- end of figures -->\n"
ASKED = {"probe": "linear head, network fixed", "tuned": "whole network fine-tuned"}
LOSSES = {"simclr": "SimCLR", "vicreg": "VICReg"}


def main() -> None:
    """Rewrite the part of the page between its marks."""
    results = json.loads(RESULTS.read_text("utf-8"))
    PAGE.write_text(with_figures(PAGE.read_text("utf-8"), results), "utf-8")


def with_figures(page: str, results: Mapping[str, Any]) -> str:
    """``page`` with the figures of ``results`` between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    tables = [_table(name, found, results) for name, found in results["sets"].items()]
    return before + BEGIN + "\n" + "\n\n".join([*tables, _count(results)]) + "\n\n" + END + after


def _table(name: str, found: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    figures = found["figures"]
    losses = [loss for loss in LOSSES if f"{loss}_cpu_minutes" in figures]
    minutes = ", ".join(f"{LOSSES[loss]} {figures[f'{loss}_cpu_minutes']['mean']:.1f}" for loss in losses)
    rows = [
        f"**{name}**: {found['photos']} photos at {results['side']} px, {found['stages']} stages, {results['seeds']}"
        f" seeds; mean with Student's 95 % interval. CPU minutes of {results['start_steps']} steps without labels:"
        f" {minutes}.",
        "",
        "| learned with | labels a stage | drawn weights | " + " | ".join(f"{LOSSES[it]} adds" for it in losses) + " |",
        "|---|---|---|" + "---|" * len(losses),
    ]
    for key in [key.removeprefix("drawn_") for key in figures if key.startswith("drawn_")]:
        how, labels = key.split("_")
        gains = " | ".join(_points(figures[f"{loss}_gain_{key}"]) for loss in losses)
        rows.append(f"| {ASKED[how]} | {labels} | {100 * figures[f'drawn_{key}']['mean']:.1f} % | {gains} |")
    return "\n".join(rows)


def _count(results: Mapping[str, Any]) -> str:
    """How many of the fine-tunings surely gain, which is the question."""
    gains = [
        figure
        for found in results["sets"].values()
        for name, figure in found["figures"].items()
        if "_gain_tuned_" in name
    ]
    sure = sum(figure["low"] > 0 for figure in gains if figure["n"] > 1)
    return f"Fine-tunings that surely gain, their interval above 0: {sure} of {len(gains)}."


def _points(figure: Mapping[str, Any]) -> str:
    return f"{100 * figure['mean']:+.1f} pt ({100 * figure['low']:+.1f} to {100 * figure['high']:+.1f})"


if __name__ == "__main__":
    main()
