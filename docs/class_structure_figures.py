"""Puts the figures of ``benchmarks/results/class_structure.json`` into ``docs/class-structure.md``.

python -m docs.class_structure_figures
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "class-structure.md"
RESULTS = ROOT / "benchmarks" / "results" / "class_structure.json"
BEGIN = "<!-- figures: written by python -m docs.class_structure_figures -->\n"
END = "<!-- end of figures -->\n"
PLANTED = {
    "planted_merge_proposed": "two stages that are one: merge",
    "planted_split_proposed": "one stage that is two: split",
    "planted_guideline_proposed": "pictures differ, experts disagree: guideline",
}
FALSE = {
    "false_share_of_proposals": "of all proposals, false ones",
    "false_share_of_sound_places": "of all sound stages and boundaries, those with a proposal",
}
REAL = {"dandelion-stages": "Dandelion, three ordered stages", "flowers5": "flowers5, five kinds without an order"}
SHOWN_PARTITIONS = 4


def main() -> None:
    """Rewrite the part of the page between its marks."""
    PAGE.write_text(with_figures(PAGE.read_text("utf-8"), json.loads(RESULTS.read_text("utf-8"))), "utf-8")


def with_figures(page: str, results: dict[str, Any]) -> str:
    """``page`` with the figures of ``results`` between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "\n" + figures(results) + "\n" + END + after


def figures(results: dict[str, Any]) -> str:
    """What was planted and found, and the tables of real photos."""
    tables = results["tables"]
    parts = [_planted(results["figures"], tables["planted"])]
    parts += [_real(title, tables[name]) for name, title in REAL.items() if name in tables]
    return "\n\n".join(parts)


def _planted(found: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    lines = [
        f"Generated orchards of seeds {rows[0]['seed']} to {rows[-1]['seed']}, six stages with three faults each;"
        " shares with 95 % intervals:",
        "",
        "| | share | goal |",
        "|---|---|---|",
    ]
    for names, word in ((PLANTED, "at least"), (FALSE, "at most")):
        for name, title in names.items():
            figure = found[name]
            missed = "" if figure["holds"] else ": **missed**"
            share = f"{figure['value']:.3f} ({figure['low']:.3f}-{figure['high']:.3f}), n {figure['n']}"
            lines.append(f"| {title} | {share} | {word} {figure['goal']:.2f}{missed} |")
    wrong = [f"seed {row['seed']}: {', '.join(row['false'])}" for row in rows if row["false"]]
    lines += ["", f"False proposals: {'; '.join(wrong) or 'none'}."]
    return "\n".join(lines)


def _real(title: str, table: dict[str, Any]) -> str:
    proposals = ", ".join(f"{kind} {_part(stages)}" for kind, stages in table["proposals"]) or "none"
    lines = [f"{title}, as found; proposals: {proposals}. Each photo has one label, so experts cannot be compared.", ""]
    lines += ["| pair | photos | model's area | neighbours alike | confused |", "|---|---|---|---|---|"]
    for row in table["pairs"]:
        first, second = row["pair"]
        auc, purity = _interval(row["auc"]), _interval(row["purity"])
        n = f"{row['n'][0]} / {row['n'][1]}"
        lines.append(f"| {first + 1} and {second + 1} | {n} | {auc} | {purity} | {row['confusion']:.3f} |")
    lines += ["", "| coarser scale | bits told | possible | error |", "|---|---|---|---|"]
    efficient = [row for row in table["partitions"] if row["is_efficient"] and len(row["parts"]) > 1]
    for row in efficient[:SHOWN_PARTITIONS]:
        parts = " ".join(_part(part) for part in row["parts"])
        lines.append(f"| {parts} | {row['bits']:.2f} | {row['possible_bits']:.2f} | {row['error']:.3f} |")
    return "\n".join(lines)


def _part(stages: list[int]) -> str:
    return "+".join(str(stage + 1) for stage in stages)


def _interval(figure: list[float]) -> str:
    value, low, high = figure
    return f"{value:.2f} ({low:.2f}-{high:.2f})"


if __name__ == "__main__":
    main()
