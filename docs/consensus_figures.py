"""Puts the figures of ``benchmarks/results/consensus.json`` into ``docs/consensus.md``.

python -m docs.consensus_figures
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "consensus.md"
RESULTS = ROOT / "benchmarks" / "results" / "consensus.json"
BEGIN = "<!-- figures: written by python -m docs.consensus_figures -->\n"
END = "<!-- end of figures -->\n"
SCENARIOS = {"independent": "independent errors", "hard_photos": "hard photos"}
Table = dict[str, dict[str, float]]


def main() -> None:
    """Rewrite the part of the page between its marks."""
    PAGE.write_text(with_figures(PAGE.read_text("utf-8"), json.loads(RESULTS.read_text("utf-8"))), "utf-8")


def with_figures(page: str, results: dict[str, Any]) -> str:
    """``page`` with the figures of ``results`` between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "\n" + figures(results) + "\n" + END + after


def figures(results: dict[str, Any]) -> str:
    """Three tables: the same opinions, as many opinions as it takes, and who is named."""
    setting, tables = results["setting"], results["tables"]
    seeds = (
        f"{setting['seeds']} seeds, {setting['photos']} photos, {setting['experts']} experts; mean and 95 % interval."
    )
    parts = [f"{seeds}\n\nThree opinions on every photo, nobody adjudicating:\n", _same_opinions(tables)]
    parts += [
        "\nTwo to five opinions, until the photo is certain:\n",
        _as_many_as_it_takes(tables, setting["certainty"]),
    ]
    parts += ["\nWhom the page names, in how many of the simulated projects:\n", _named(tables)]
    return "\n".join(parts)


def _same_opinions(tables: dict[str, Table]) -> str:
    rows = [
        "| | majority vote | consensus | consensus without the classifier | known tables |",
        "|---|---|---|---|---|",
    ]
    ways = ("majority", "consensus", "without_model", "oracle")
    for key, name in SCENARIOS.items():
        for score, label, text in (("error", "wrong", _percent), ("mae", "mean error in stages", _stages)):
            cells = [text(tables[key][f"{way}_{score}"]) for way in ways]
            rows.append(f"| {name}: {label} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _as_many_as_it_takes(tables: dict[str, Table], certainty: float) -> str:
    rows = [
        "| | certainty wanted | opinions a photo | wrong | settled ones wrong | as they claim | to an adjudicator |",
        "|---|---|---|---|---|---|---|",
    ]
    for key, name in SCENARIOS.items():
        others = {float(it.removeprefix(f"{key}_")): it for it in tables if it.startswith(f"{key}_")}
        for wanted, table in sorted({**others, certainty: key}.items()):
            found = tables[table]
            cells = [_stages(found["adaptive_labels"])] + [
                _percent(found[f"adaptive_{it}"]) for it in ("error", "settled_error", "claimed_error", "adjudicated")
            ]
            rows.append(f"| {name} | {wanted:g} | " + " | ".join(cells) + " |")
        fixed = tables[key]
        rows.append(
            f"| {name} | three opinions, votes counted | 3 | {_percent(fixed['majority_error'])} | | |"
            f" {_percent(fixed['fixed_adjudicated'])} |"
        )
    return "\n".join(rows)


def _named(tables: dict[str, Table]) -> str:
    rows = ["| | the careless one | the anchored one | anybody or anything else |", "|---|---|---|---|"]
    for key, name in SCENARIOS.items():
        for prefix, label in (("", "three opinions"), ("adaptive_", "until certain")):
            found = tables[key]
            missed = (found[f"{prefix}{it}_missed"]["value"] for it in ("careless", "anchored"))
            cells = [f"{100 * (1 - it):.0f} %" for it in missed]
            rows.append(
                f"| {name}, {label} | {' | '.join(cells)} | {100 * found[f'{prefix}wrongly_named']['value']:.0f} % |"
            )
    return "\n".join(rows)


def _percent(figure: dict[str, float]) -> str:
    return f"{100 * figure['value']:.1f} % ({100 * figure['low']:.1f}-{100 * figure['high']:.1f})"


def _stages(figure: dict[str, float]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f}-{figure['high']:.3f})"


if __name__ == "__main__":
    main()
