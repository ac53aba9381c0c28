"""Writes the tables of ``docs/performance.md`` from ``benchmarks/results``.

    python -m benchmarks.tables [--check]

The page is prose by hand with tables in between, each between ``<!-- figures: NAME [PREFIX ...] -->`` and
``<!-- end -->``: of the figures of ``results/NAME.json`` those that start with one of the prefixes, or all. What stands
between the marks is replaced. ``--check`` writes nothing and fails when something would change.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import RESULTS, peer_text

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BLOCK = re.compile(r"(<!-- figures: (?P<words>[^>]+?) -->\n)(?P<table>.*?)(<!-- end -->)", re.DOTALL)
PEERS = {"label_studio": "Label Studio", "doccano": "doccano", "skactiveml": "scikit-activeml"}


def page_with_tables(page: str, results: Path = RESULTS) -> str:
    """The page with every table made anew; a result that was not measured yet says so."""

    def table(block: re.Match[str]) -> str:
        name, *prefixes = block["words"].split()
        path = results / f"{name}.json"
        if not path.exists():
            return f"{block[1]}\nNot measured yet: `python -m benchmarks.bench_{name}`.\n\n{block[4]}"
        found = json.loads(path.read_text())
        figures = {
            key: figure
            for key, figure in found["figures"].items()
            if not prefixes or any(key.startswith(prefix) for prefix in prefixes)
        }
        return f"{block[1]}\n{figure_table(figures)}\n\n{measured_on(found['machine'])}\n\n{block[4]}"

    return BLOCK.sub(table, page)


def figure_table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Figures as a Markdown table; columns that no figure fills are left out."""
    rows = [_row(key, figure) for key, figure in figures.items()]
    head = ["figure", "value", "median", "goal", "holds", "limit", *PEERS.values(), "n", "note"]
    filled = [column for column in range(len(head)) if column < 2 or any(row[column] for row in rows)]
    lines = [[head[column] for column in filled], ["---"] * len(filled)]
    lines += [[row[column] for column in filled] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def measured_on(machine: Mapping[str, Any]) -> str:
    """The line under a table: what it was measured on, and how busy that was."""
    return "; ".join(_facts(machine)) + "."


def _facts(machine: Mapping[str, Any]) -> Iterator[str]:
    yield f"{machine.get('cores')} cores"
    for key in ("processor", "display", "chromium", "web", "postgres", "beside"):
        if machine.get(key):
            yield f"{key} {machine[key]}" if key == "chromium" else str(machine[key])
    for key, when in (("load_average", "before"), ("load_average_at_the_end", "after")):
        if machine.get(key):
            yield f"load average {when} {', '.join(str(load) for load in machine[key])}"
    for name, said in machine.get("peers", {}).items():
        yield f"{PEERS.get(name, name)}: {said}"


def _row(key: str, figure: Mapping[str, Any]) -> list[str]:
    peers = figure.get("peer") or {}
    return [
        key.replace("_", " "),
        f"{_short(figure['value'])} {figure['unit']}",
        _short(figure.get("median")),
        _short(figure.get("goal")),
        {True: "yes", False: "**no**", None: ""}[figure.get("holds")],
        _short(figure.get("limit")),
        *(_peer(peers.get(name)) for name in PEERS),
        str(figure["n"]),
        str(figure.get("note", "")).replace("|", "\\|"),
    ]


def _peer(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    of = f" ({found['tasks']})" if "tasks" in found else ""
    return peer_text(found) + of


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def main(words: Sequence[str] | None = None) -> int:
    """Write the page, or check it; the exit status."""
    parser = argparse.ArgumentParser(description="Write the tables of docs/performance.md from benchmarks/results.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when something would change")
    arguments = parser.parse_args(words)
    before = PAGE.read_text(encoding="utf-8")
    after = page_with_tables(before)
    if before == after:
        return 0
    if arguments.check:
        print("docs/performance.md is not what benchmarks/results say: python -m benchmarks.tables", file=sys.stderr)
        return 1
    PAGE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
