"""Puts the figures on Omniglot into ``docs/one-shot.md`` and draws the curves of the trainings.

python -m docs.one_shot_figures
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "one-shot.md"
IMAGES = ROOT / "docs" / "images"
RESULTS = ROOT / "benchmarks" / "results"
BEGIN = "<!-- figures: written by python -m docs.one_shot_figures -->\n"
END = "<!-- end of figures -->\n"
LEARNERS = {
    "pixels": "nearest drawing, nothing learned",
    "prototypes": "Prototypical network",
    "matching": "Matching network",
    "conv4": "Siamese network, Conv4 twins, 28 px",
    "koch-small": "Siamese network, Koch's shape, 35 px",
    "koch": "Siamese network, Koch's own, 105 px",
}
PAPERS = {"prototypes": "Prototypical", "matching": "Matching", "conv4": "Siamese, Koch's twins"}
TESTS = ("lake_400", "any_20_way_1_shot", "any_20_way_5_shot", "any_5_way_1_shot", "any_5_way_5_shot")
SAID = {"lake_400": "the 400 trials", "any_20_way_1_shot": "any alphabet, 20-way 1-shot", "training": "CPU minutes"}
GOALS = ("lake_400", "any_20_way_1_shot")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 320, 56, 24, 40, 44
INK, QUIET = "#1f2933", "#9aa5b1"
COLOURS = ("#0b7285", "#c77700", "#2f6f4f", "#b4552d", "#7048a8")
SIGHTS = range(1, 11)


def main() -> None:
    """Rewrite the part of the page between its marks, and the pictures."""
    found = results()
    PAGE.write_text(with_figures(PAGE.read_text("utf-8"), found), "utf-8")
    for name, text in pictures(found).items():
        (IMAGES / name).write_text(text, "utf-8")


def results(folder: Path = RESULTS) -> dict[str, Any]:
    """What there is: an empty mapping stands for what was not measured."""
    names = ("oneshot", "siamese", "memory", "memory_pixels")
    paths = {name: folder / f"{name}.json" for name in names}
    return {name: json.loads(path.read_text("utf-8")) if path.exists() else {} for name, path in paths.items()}


def with_figures(page: str, found: Mapping[str, Any]) -> str:
    """``page`` with the figures between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    parts = [
        _one_shot(_figures(found, "oneshot") | _figures(found, "siamese")),
        _goals(_figures(found, "oneshot") | _figures(found, "siamese") | _figures(found, "memory")),
        "![Accuracy within unseen alphabets by CPU minutes](images/one-shot.svg)",
        _state(found),
        _memory(found),
        "![Accuracy of the memory-augmented network by updates](images/one-shot-memory.svg)",
    ]
    return before + BEGIN + "\n" + "\n\n".join(part for part in parts if part) + "\n\n" + END + after


def pictures(found: Mapping[str, Any]) -> dict[str, str]:
    """Curves by file name."""
    curves = (found["oneshot"].get("curves") or {}) | (found["siamese"].get("curves") or {})
    looks = {
        LEARNERS[name]: [(row["cpu_minutes"], row["validation"]) for row in curve]
        for name, curve in curves.items()
        if curve
    }
    memory = {
        label: [(row.get("updates", row.get("step")), row["accuracy"]) for row in found[name]["curve"]]
        for name, label in (("memory", "on vectors of a frozen encoder"), ("memory_pixels", "on pixels"))
        if found[name]
    }
    return {
        "one-shot.svg": curves_picture(
            looks, "20-way one-shot accuracy within alphabets not trained on", "CPU minutes of training"
        ),
        "one-shot-memory.svg": curves_picture(
            memory, "Accuracy on all steps of training sequences (chance 20 %)", "updates of 16 sequences"
        ),
    }


def curves_picture(curves: Mapping[str, Sequence[tuple[float, float]]], title: str, below: str) -> str:
    """SVG text of shares by something that grows; the same curves give the same bytes."""
    most = max((point[0] for curve in curves.values() for point in curve), default=1.0)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - RIGHT) * point[0] / most
        return x, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * point[1]

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 20, title, anchor="start"),
    ]
    for quarter in range(5):
        y = place((0, quarter / 4))[1]
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{QUIET}" '
                     'stroke-width="0.5"/>')  # fmt: skip
        parts.append(_text(LEFT - 6, y + 4, f"{25 * quarter} %", anchor="end"))
        x = place((most * quarter / 4, 0))[0]
        parts.append(_text(x, HEIGHT - BOTTOM + 18, f"{most * quarter / 4:.{0 if most >= 40 else 1}f}"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, below))
    for row, ((name, curve), colour) in enumerate(zip(curves.items(), COLOURS, strict=False)):
        points = " ".join("{:.1f},{:.1f}".format(*place(point)) for point in curve)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(WIDTH - RIGHT - 6, HEIGHT - BOTTOM - 10 - 18 * row, name, colour, "end"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _text(x: float, y: float, text: str, colour: str = INK, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def _figures(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    return dict(found[name].get("figures", {}))


def _one_shot(figures: Mapping[str, Any]) -> str:
    rows = [
        "| learner | 400 trials within alphabets | any alphabet, 20-way 1-shot | 20-way 5-shot | 5-way 1-shot |"
        " 5-way 5-shot | CPU min of training |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, label in LEARNERS.items():
        if f"{name}_lake_400" not in figures:
            rows.append(f"| {label} | not measured | | | | | |")
            continue
        cells = [_share(figures.get(f"{name}_{test}")) for test in TESTS]
        training = figures.get(f"{name}_training")
        cells.append("" if training is None else f"{training['value']:.1f} ({training['note'].split(',')[0]})")
        rows.append(f"| {label} | {' | '.join(cells)} |")
    papers = [
        f"{PAPERS[name]} {_percent(limit)} ({SAID[test]})"
        for name in PAPERS
        for test in GOALS
        if (limit := figures.get(f"{name}_{test}", {}).get("limit"))
    ]
    return "\n".join(rows) + "\n\nThe papers' own: " + "; ".join(papers) + "."


def _goals(figures: Mapping[str, Any]) -> str:
    rows = ["| goal | measured | holds |", "|---|---|---|"]
    for name, figure in figures.items():
        if figure["holds"] is None:
            continue
        is_share = figure["unit"] == "share right"
        value = _percent(figure["value"]) if is_share else f"{figure['value']:.1f}"
        goal = f"at least {_percent(float(figure['goal'].split()[-1]))}" if is_share else f"at most {figure['goal']:g}"
        learner = next((it for it in LEARNERS if name.startswith(f"{it}_")), "")
        what = (
            f"{LEARNERS[learner]}, {SAID[name.removeprefix(f'{learner}_')]}"
            if learner
            else f"memory on vectors, sight {name[6:]}"
        )
        rows.append(f"| {what}: {goal} | {value} | {'yes' if figure['holds'] else '**no**'} |")
    return "\n".join(rows)


def _state(found: Mapping[str, Any]) -> str:
    said = []
    for name, rising in found["siamese"].get("is_rising", {}).items():
        state = {True: "was still rising", False: "had levelled off", None: "is too short to tell"}[rising]
        said.append(f"The curve of {LEARNERS[name]} {state} when the run ended.")
    if found["memory_pixels"]:
        falling = found["memory_pixels"]["is_falling"]
        state = {True: "was still falling", False: "had not fallen further", None: "is too short to tell"}[falling]
        said.append(f"The loss of the memory-augmented network on pixels {state} when the run ended.")
    return " ".join(said)


def _memory(found: Mapping[str, Any]) -> str:
    head = "| sight of a character | " + " | ".join(str(sight) for sight in SIGHTS) + " | CPU min |"
    rows = [head, "|---" * (len(SIGHTS) + 2) + "|"]
    paper: dict[int, float] = {}
    for name, label in (("memory", "on vectors, unseen alphabets"), ("memory_pixels", "on pixels, unseen alphabets")):
        figures = _figures(found, name)
        if not figures:
            rows.append(f"| {label}: not measured |" + " |" * (len(SIGHTS) + 1))
            continue
        at = [figures[f"sight_{sight}"] for sight in SIGHTS]
        paper |= {sight: figure["limit"] for sight, figure in zip(SIGHTS, at, strict=True) if figure["limit"]}
        training = figures["training"]
        cells = [*(_percent(figure["value"]) for figure in at), f"{training['value']:.1f} ({training['note']})"]
        rows.append(f"| {label} | {' | '.join(cells)} |")
    cells = [_percent(paper[sight]) if sight in paper else "" for sight in SIGHTS]
    rows.append(f"| the paper, on pixels, 100,000 updates | {' | '.join(cells)} | |")
    return "\n".join(rows)


def _share(figure: Mapping[str, Any] | None) -> str:
    return "" if figure is None else _percent(figure["value"])


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


if __name__ == "__main__":
    main()
