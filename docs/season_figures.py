"""Puts the figures of ``benchmarks/results/season.json`` into ``docs/season.md``, and draws its learning curve.

python -m docs.season_figures
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "season.md"
PICTURE = ROOT / "docs" / "images" / "season.svg"
RESULTS = ROOT / "benchmarks" / "results" / "season.json"
BEGIN = "<!-- figures: written by python -m docs.season_figures -->\n"
END = "<!-- end of figures -->\n"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 340, 52, 52, 34, 44
INK, QUIET, CURVE, LABELS = "#1f2933", "#9aa5b1", "#0b7285", "#c77700"


def main() -> None:
    """Rewrite the part of the page between its marks, and the picture."""
    results = json.loads(RESULTS.read_text("utf-8"))
    PAGE.write_text(with_figures(PAGE.read_text("utf-8"), results), "utf-8")
    PICTURE.write_text(picture(results), "utf-8")


def with_figures(page: str, results: dict[str, Any]) -> str:
    """``page`` with the figures of ``results`` between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "\n" + figures(results) + "\n" + END + after


def figures(results: dict[str, Any]) -> str:
    """The season in a sentence, then its weeks, trainings, experts, the way back, and the choice of photos."""
    parts = [_whole(results), _weeks(results["weeks"]), _trainings(results["trainings"])]
    return "\n\n".join(
        [*parts, _rollback(results["rollback"]), _experts(results["experts"]), _choice(results["choice"])]
    )


def picture(results: dict[str, Any]) -> str:
    """Accuracy on the gold photos by week with its interval, labels so far behind it, trainings and the way back."""
    weeks = results["weeks"]
    last = weeks[-1]["week"]
    most = max(week["labels"] for week in weeks) or 1

    def x(week: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (week - 1) / max(last - 1, 1)

    def y(share: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    measured = [week for week in weeks if week["accuracy"] is not None and week["n_gold"] >= 20]
    low = [(x(it["week"]), y(it["accuracy_low"])) for it in measured]
    high = [(x(it["week"]), y(it["accuracy_high"])) for it in reversed(measured)]
    drawn = [_grid(share, y(share), most) for share in (0, 0.25, 0.5, 0.75, 1)]
    drawn += [_text(x(it["week"]), HEIGHT - BOTTOM + 18, str(it["week"])) for it in weeks]
    drawn.append(_text(WIDTH / 2, HEIGHT - 8, "week"))
    drawn.append(_line([(x(it["week"]), y(it["labels"] / most)) for it in weeks], LABELS, "4 3"))
    drawn.append(f'<polygon points="{_points([*low, *high])}" fill="{CURVE}" opacity="0.15"/>')
    drawn.append(_line([(x(it["week"]), y(it["accuracy"])) for it in measured], CURVE))
    drawn += [_mark(x(week), names, style) for week, (names, style) in _events(results).items()]
    drawn.append(_text(LEFT, TOP - 20, "accuracy on gold photos, 95 % interval", CURVE, "start"))
    drawn.append(_text(WIDTH - RIGHT, TOP - 20, "labels so far (dashed)", LABELS, "end"))
    body = "\n".join(drawn)
    title = "Accuracy and labels through the season"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12">\n<title>{title}</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _whole(results: dict[str, Any]) -> str:
    found, last = results["figures"], results["weeks"][-1]
    interval = f"{_percent(last['accuracy_low'])} to {_percent(last['accuracy_high'])}"
    return (
        f"{found['photos']['value']} photos came in {found['photos']['n']} weeks. Four experts took"
        f" {found['decisions']['value']} decisions, from which {found['labels']['value']} labels followed,"
        f" {_percent(found['labels_right']['value'])} of them right. The queue was refreshed"
        f" {found['refreshes']['value']} times; of {found['trainings']['value']} trainings"
        f" {found['candidates_rejected']['value']} gave a candidate that the gate kept out. In the end the program's"
        f" suggestions were right on {_percent(last['accuracy'])} of {last['n_gold']} gold photos ({interval})."
    )


def _weeks(weeks: Sequence[dict[str, Any]]) -> str:
    rows = [
        "| week from | photos | decisions | settled by the adjudicator | labels so far | right | refreshes so far |"
        " version in use | accuracy on gold | gold photos |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for it in weeks:
        accuracy = "" if it["accuracy"] is None else _percent(it["accuracy"])
        right = _percent(it["labels_right"]) if it["labels"] else ""
        rows.append(
            f"| {it['begins']} | {it['photos']} | {it['decided']} | {it['settled']} | {it['labels']} | {right} |"
            f" {it['refreshes']} | {it['version'] or ''} | {accuracy} | {it['n_gold']} |"
        )
    return "\n".join(rows)


def _trainings(trainings: Sequence[dict[str, Any]]) -> str:
    rows = ["| version | week | started by | labels | epochs | verdict | why |", "|---|---|---|---|---|---|---|"]
    started = {"rule": "rule", "button": "the admin"}
    rows += [
        f"| {it['version']} | {it['week']} | {started.get(it['trigger'], it['trigger'])} | {it['n_train']} |"
        f" {it['epochs']} | {it['state']} | {it['reason']} |"
        for it in trainings
    ]
    return "\n".join(rows)


def _rollback(back: dict[str, Any]) -> str:
    anew = (
        f" The {back['n_scored_anew']} photos that had come since were scored by it." if back["n_scored_anew"] else ""
    )
    return (
        f"In week {back['week']} the admin went back from version {back['from']} to {back['to']}. Of its"
        f" {back['n_kept']} predictions {_percent(back['share_unchanged'])} stood again unchanged, and the queue was"
        f" made anew by it.{anew}"
    )


def _experts(experts: Sequence[dict[str, Any]]) -> str:
    rows = ["| expert | decisions | named the true stage |", "|---|---|---|"]
    return "\n".join([*rows, *(f"| {it['name']} | {it['decided']} | {_percent(it['right'])} |" for it in experts)])


def _choice(choice: dict[str, Any]) -> str:
    rows = [
        f"The same light head on true stages, judged on all gold photos; random: mean of {choice['seeds']} draws, and"
        " the lowest and highest of them:",
        "",
        "| labels | of photos that the program asked for | of photos drawn at random |",
        "|---|---|---|",
    ]
    for point in choice["points"]:
        draws = point["random"]
        mean = sum(draws) / len(draws)
        rows.append(
            f"| {point['labels']} | {_percent(point['asked'])} | {_percent(mean)} ({_percent(min(draws))} to"
            f" {_percent(max(draws))}) |"
        )
    return "\n".join(rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _line(points: Sequence[tuple[float, float]], colour: str, dashes: str = "") -> str:
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{_points(points)}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'


def _text(x: float, y: float, text: str, colour: str = INK, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def _grid(share: float, y: float, most: int) -> str:
    line = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{QUIET}" stroke-width="0.5"/>'
    left = _text(LEFT - 6, y + 4, f"{100 * share:.0f} %", CURVE, "end")
    return line + left + _text(WIDTH - RIGHT + 6, y + 4, f"{share * most:.0f}", LABELS, "start")


def _events(results: dict[str, Any]) -> dict[int, tuple[str, str]]:
    """Week -> what to write above it, and its line: whole with a promotion, thin without, dashed for the way back."""
    events: dict[int, tuple[str, str]] = {}
    for it in results["trainings"]:
        is_in = it["state"] == "promoted"
        before, _ = events.get(it["week"], ("", ""))
        name = f"{before} v{it['version']}{'' if is_in else '✕'}".strip()
        events[it["week"]] = (name, 'stroke-width="1.5"' if is_in else 'stroke-width="0.8" opacity="0.5"')
    back = results["rollback"]
    events[back["week"]] = (f"{back['from']}→{back['to']}", 'stroke-width="1.5" stroke-dasharray="2 3"')
    return events


def _mark(x: float, name: str, style: str) -> str:
    line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="{INK}" {style}/>'
    return line + _text(x, TOP - 4, name)


if __name__ == "__main__":
    main()
