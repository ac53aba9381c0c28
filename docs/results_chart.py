"""One data set of the study as a drawing: accuracies with intervals beside the experts', and what each lever adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from docs.results_words import LEVERS, ROWS, WORDS

WIDTH, LEFT, RIGHT, ROW, TOP = 900, 400, 50, 26, 70
INK, FAINT, DOT, RIVAL, LINE = "#1f2933", "#d5dbe1", "#2f6f4f", "#8a97a5", "#b4552d"


def chart(table: Mapping[str, Any], title: str, language: str) -> str:
    """SVG text; the same results give the same bytes."""
    words, rows = WORDS[language], _drawn(table)
    shares = table["shapley"]
    height = TOP + ROW * len(rows) + 40 + (ROW * (len(shares) + 1) + 40 if shares else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' font-family="sans-serif" font-size="13" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="24" font-size="15" font-weight="bold">{escape(title)}</text>',
        f'<text x="{LEFT}" y="24">{escape(words["chart"])}</text>',
    ]
    parts += _accuracies(table, language)
    if shares:
        parts += _shares(shares, TOP + ROW * len(rows) + 40, language)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _drawn(table: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of the drawing: all but the trial, which is scored on a coarser scale and would look better than it is."""
    return {arm: row for arm, row in table["rows"].items() if arm != "A3-trial"}


def _accuracies(table: Mapping[str, Any], language: str) -> list[str]:
    rows, ceiling = _drawn(table), table["ceiling"]
    lines = (
        {"expert_line": ceiling["expert_right"]["value"], "panel_line": ceiling["panel_right"]["value"]}
        if ceiling
        else {}
    )
    lowest = min(row["accuracy"]["low"] for row in rows.values())
    low = int(10 * lowest) / 10
    bottom = TOP + ROW * len(rows)
    parts = []
    for tenth in range(round(10 * low), 11):
        x = _x(tenth / 10, low, 1.0)
        parts.append(f'<line x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{bottom}" stroke="{FAINT}"/>')
        parts.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{10 * tenth} %</text>')
    for place, (name, value) in enumerate(lines.items()):
        x = _x(value, low, 1.0)
        parts.append(f'<line x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{bottom}" stroke="{LINE}" stroke-dasharray="5 3"/>')
        parts.append(
            f'<text x="{x + 4:.1f}" y="{TOP - 14 - 14 * place}" text-anchor="end" font-size="11" fill="{LINE}">'
            f"{escape(WORDS[language][name])}</text>"
        )
    for place, (arm, row) in enumerate(rows.items()):
        y = TOP + ROW * place + ROW / 2
        accuracy, color = row["accuracy"], DOT if arm in {f"A{k}" for k in range(6)} else RIVAL
        ends = _x(accuracy["low"], low, 1.0), _x(accuracy["high"], low, 1.0)
        parts += [
            f'<text x="{LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(ROWS[language][arm])}</text>',
            f'<line x1="{ends[0]}" y1="{y}" x2="{ends[1]}" y2="{y}" stroke="{color}" stroke-width="2"/>',
            f'<circle cx="{_x(accuracy["value"], low, 1.0)}" cy="{y}" r="5" fill="{color}"/>',
        ]
    return parts


def _shares(shares: Mapping[str, Mapping[str, float]], top: int, language: str) -> list[str]:
    low = min(0.0, *(share["low"] for share in shares.values()))
    high = max(0.01, *(share["high"] for share in shares.values()))
    zero = _x(0.0, low, high)
    parts = [
        f'<text x="{LEFT}" y="{top + 14}">{escape(WORDS[language]["shares"])}</text>',
        f'<line x1="{zero}" y1="{top + 22}" x2="{zero}" y2="{top + ROW * (len(shares) + 1)}" stroke="{INK}"/>',
    ]
    for place, (lever, name) in enumerate(LEVERS[language].items(), start=1):
        share, y = shares[lever], top + ROW * place + ROW / 2
        start, end = sorted((zero, _x(share["value"], low, high)))
        parts += [
            f'<text x="{LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{start}" y="{y - 7}" width="{end - start:.1f}" height="14" fill="{DOT}" opacity="0.55"/>',
            f'<line x1="{_x(share["low"], low, high)}" y1="{y}" x2="{_x(share["high"], low, high)}" y2="{y}"'
            f' stroke="{INK}"/>',
            f'<text x="{WIDTH - 4}" y="{y + 4}" text-anchor="end" font-size="11">{100 * share["value"]:+.1f}</text>',
        ]
    return parts


def _x(value: float, low: float, high: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low), 1)
