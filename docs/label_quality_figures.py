"""Puts the figures of ``benchmarks/results/label_quality.json`` into ``docs/label-quality.md``.

python -m docs.label_quality_figures
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "label-quality.md"
RESULTS = ROOT / "benchmarks" / "results" / "label_quality.json"
BEGIN = "<!-- figures: written by python -m docs.label_quality_figures -->\n"
END = "<!-- end of figures -->\n"
SCORES = {
    "self_confidence": "self-confidence",
    "normalised_margin": "normalised margin",
    "ordinal_quality": "the weaker of the two boundaries",
}
SOURCES = {
    "model": "the model alone",
    "model_and_season": "and date and place",
    "model_and_timeline": "and the plant's other photos",
    "model_timeline_season": "all three, as the product pools them",
}


def main() -> None:
    """Rewrite the part of the page between its marks."""
    PAGE.write_text(with_figures(PAGE.read_text("utf-8"), json.loads(RESULTS.read_text("utf-8"))), "utf-8")


def with_figures(page: str, results: dict[str, Any]) -> str:
    """``page`` with the figures of ``results`` between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "\n" + figures(results) + "\n" + END + after


def figures(results: dict[str, Any]) -> str:
    """Two tables, and how far the flags agree with cleanlab's."""
    found, tables = results["figures"], results["tables"]
    parts = [_photos(found, tables["dandelion"]), _season(found, tables["season"])]
    if "cleanlab_agreement" in found:
        parts.append(_cleanlab(found["cleanlab_agreement"], tables["cleanlab"]))
    return "\n\n".join(parts)


def _photos(found: dict[str, Any], table: dict[str, Any]) -> str:
    rows = [
        f"Dandelion, {table['photos']} photos of three stages, one label in ten moved to a neighbour,"
        f" {len(table['seeds'])} seeds; mean and 95 % interval:",
        "",
        "| ranked by | AUPRC | precision at as many as are wrong | accuracy recovered by reviewing the worst fifth |",
        "|---|---|---|---|",
    ]
    for score, name in SCORES.items():
        cells = [_cell(found[f"{score}_{it}"]) for it in ("auprc", "precision_at_errors", "accuracy_recovered")]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    rows.append(f"| at random | | | {_cell(found['random_review_accuracy_recovered'])} |")
    seeds = table["seeds"]

    def mean(name: str) -> str:
        return f"{100 * sum(seed[name] for seed in seeds) / len(seeds):.1f} %"

    rows += [
        "",
        f"Accuracy of a model fitted on the wrong labels {mean('accuracy_noisy')}, on right ones"
        f" {mean('accuracy_clean')}; after the worst fifth by self-confidence was put right"
        f" {mean('self_confidence_accuracy_reviewed')}, by margin {mean('normalised_margin_accuracy_reviewed')}."
        f" The flags of confident learning are right in {mean('flag_precision')} and find {mean('flag_recall')} of"
        f" the errors; it puts the share of wrong labels at {mean('noise_rate_estimated')}, and 10 % are.",
    ]
    return "\n".join(rows)


def _season(found: dict[str, Any], table: dict[str, Any]) -> str:
    rows = [
        f"A generated season, {table['photos']} photos of {table['plants']} plants and seven stages, a hard task for"
        " frozen features; the same noise:",
        "",
        "| evidence | AUPRC | precision at as many as are wrong |",
        "|---|---|---|",
    ]
    for source, name in SOURCES.items():
        cells = [_cell(found[f"season_{source}_{it}"]) for it in ("auprc", "precision")]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _cleanlab(figure: dict[str, Any], table: dict[str, float]) -> str:
    rates = ", ".join(f"{100 * float(noise):.0f} %: {100 * share:.2f} %" for noise, share in sorted(table.items()))
    return (
        f"Flags equal to cleanlab's, of {figure['n']:,} generated labels, by share of wrong ones: {rates}"
        f" (goal {100 * figure['goal']:.1f} %)."
    )


def _cell(figure: dict[str, Any]) -> str:
    text = f"{figure['value']:.2f} ({figure['low']:.2f}-{figure['high']:.2f})"
    if figure["goal"] is None:
        return text
    return f"{text}, goal {figure['goal']:.2f}{'' if figure['holds'] else ': **missed**'}"


if __name__ == "__main__":
    main()
