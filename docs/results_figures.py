"""Puts the figures of ``benchmarks/results/study.json`` into ``docs/results.md`` and ``resultados.md``; draws them.

python -m docs.results_figures
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docs.results_chart import chart
from docs.results_words import LEARNERS, LEVERS, ROWS, SETS, WORDS

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "study.json"
PAGES = {"en": ROOT / "docs" / "results.md", "es": ROOT / "docs" / "resultados.md"}
BEGIN = "<!-- figures: written by python -m docs.results_figures -->\n"
END = "<!-- end of figures -->\n"
SHOTS = (1, 5, 20)
Table = Mapping[str, Any]


def main() -> None:
    """Rewrite the part of each page between its marks, and the charts."""
    results = json.loads(RESULTS.read_text("utf-8"))
    for language, page in PAGES.items():
        page.write_text(with_figures(page.read_text("utf-8"), results, language), "utf-8")
    for path, drawing in charts(results).items():
        path.write_text(drawing, "utf-8")


def with_figures(page: str, results: Table, language: str) -> str:
    """``page`` with the figures of ``results`` between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "\n" + figures(results, language) + "\n" + END + after


def charts(results: Table) -> dict[Path, str]:
    """Drawings by the file they belong in."""
    return {
        _chart_path(name, language): chart(table, SETS[language][name], language)
        for name, table in results["tables"].items()
        for language in PAGES
    }


def figures(results: Table, language: str) -> str:
    """A section for each data set."""
    parts = []
    for name, title in SETS[language].items():
        parts.append(f"### {title}")
        if name in results["tables"]:
            parts.append(_section(name, results["tables"][name], results["settings"], language))
        else:
            reason = results["skipped"].get(name, name)
            parts.append(WORDS[language]["not_run"].format(reason=reason))
    return "\n\n".join(parts) + "\n"


def _chart_path(name: str, language: str) -> Path:
    return ROOT / "docs" / "images" / f"results-{name}{'' if language == 'en' else f'.{language}'}.svg"


def _section(name: str, table: Table, settings: Table, language: str) -> str:
    words = WORDS[language]
    pretrained = "" if table["is_pretrained"] else words["not_pretrained"]
    scope = words["scope"].format(
        photos=table["photos"], stages=table["stages"], groups=table["groups"], folds=table["n_folds"],
        seeds=table["n_seeds"], per_seed=settings["folds"], scored=table["photos_scored"], space=table["space"],
        pretrained=pretrained,
    )  # fmt: skip
    picture = f"![{SETS[language][name]}](images/{_chart_path(name, language).name})"
    parts = [scope, picture, _rows(table, language), _verdict(name, table, language), _ceiling(table, language)]
    parts += [_cost(table, language), _planned(table, language), _levers(table, language), _classes(table, language)]
    parts += [_specialists(table, language), _one_shot(table, language)]
    return "\n\n".join(part for part in parts if part)


def _rows(table: Table, language: str) -> str:
    lines = [WORDS[language]["head"], "|" + "---|" * 9]
    for arm, row in table["rows"].items():
        over = "" if arm == "A0" else _signed(row["over_a0"])
        lines.append(
            f"| {ROWS[language][arm]} | {_percent(row['accuracy'])} | {over} | {row['macro_f1']:.3f} |"
            f" {row['mae']:.3f} | {row['qwk']:.3f} | {row['bits']:.2f} | {row['labelled']:.0f} | {row['minutes']:.0f} |"
        )
    return "\n".join(lines)


def _verdict(name: str, table: Table, language: str) -> str:
    words, cut = WORDS[language], table["error_cut"]
    if not cut:
        return ""
    said = words["cut_holds" if cut["holds"] else "cut_missed"].format(
        cut=_whole(cut["value"]), low=_whole(cut["low"]), high=_whole(cut["high"]), goal=_whole(cut["goal"])
    )
    best = cut["best_arm"]
    said += words["best"].format(arm=best, accuracy=_one(table["subsets"][best]["value"]))
    if name == "generated":
        said += words["a0_holds" if 0.70 <= table["rows"]["A0"]["accuracy"]["value"] <= 0.80 else "a0_missed"]
    return said


def _ceiling(table: Table, language: str) -> str:
    words, ceiling = WORDS[language], table["ceiling"]
    if not ceiling or set(ceiling["arms_against"]) != {"A0", "A5"}:
        return ""
    against, wrong = ceiling["arms_against"], ceiling["training_labels_wrong"]
    reader = table["exact_reader"]
    return words["ceiling"].format(
        agree=_one(ceiling["two_experts_agree"]["value"]),
        expert=_one(ceiling["expert_right"]["value"]),
        panel=_one(ceiling["panel_right"]["value"]),
        reader="" if reader is None else words["reader"].format(reader=_one(reader)),
        a0_expert=_one(against["A0"]["expert"]["value"]),
        a0_panel=_one(against["A0"]["panel"]["value"]),
        a5_expert=_one(against["A5"]["expert"]["value"]),
        a5_panel=_one(against["A5"]["panel"]["value"]),
        raw=_one(wrong["raw"]),
        random=_one(wrong["random"]),
        a2=_one(wrong["A2"]),
        a5=_one(wrong["A5"]),
    )


def _cost(table: Table, language: str) -> str:
    rows = table["rows"]
    if not {"A0", "A2", "A2-random"} <= set(rows):
        return ""
    minutes = rows["A2"]["minutes"] - rows["A0"]["minutes"]
    gain, at_random = rows["A2"]["over_a0"]["value"], rows["A2-random"]["over_a0"]["value"]
    return WORDS[language]["cost"].format(
        gain=f"{100 * gain:+.1f}",
        minutes=f"{minutes:.0f}",
        hour=f"{100 * gain / minutes * 60:+.1f}",
        random=f"{100 * at_random / minutes * 60:+.1f}",
    )


def _planned(table: Table, language: str) -> str:
    words = WORDS[language]
    lines = [words["planned_head"], "|---|---|---|---|"]
    for it in table["planned"]:
        name = words["against"].format(arm=it["arm"], rival=it["rival"])
        lines.append(f"| {name} | {_signed(it['difference'])} | {it['p']:.4f} | {it['p_holm']:.4f} |")
    return "\n".join(lines)


def _levers(table: Table, language: str) -> str:
    if not table["shapley"]:
        return ""
    lines = [WORDS[language]["levers_head"], "|---|---|---|"]
    for lever, name in LEVERS[language].items():
        lines.append(f"| {name} | {_signed(table['shapley'][lever])} | {_signed(table['without'][lever])} |")
    return "\n".join(lines)


def _classes(table: Table, language: str) -> str:
    found, rows = table["classes"], table["rows"]
    if "a0_mapped" not in found:
        return ""
    return WORDS[language]["classes"].format(
        n=found["folds_with_a_proposal"],
        folds=found["folds"],
        trial=_one(rows["A3-trial"]["accuracy"]["value"]),
        trial_bits=f"{rows['A3-trial']['bits']:.2f}",
        mapped=_one(found["a0_mapped"]["value"]),
        mapped_bits=f"{found['a0_mapped_bits']:.2f}",
    )


def _specialists(table: Table, language: str) -> str:
    found = table["specialists"]
    if not {"A4_tried", "A5_tried", "rival_networks"} <= set(found):
        return ""
    return WORDS[language]["specialists"].format(
        tried=f"{found['A4_tried']:.1f}",
        kept=f"{found['A4_kept']:.1f}",
        tried5=f"{found['A5_tried']:.1f}",
        kept5=f"{found['A5_kept']:.1f}",
        networks=f"{found['rival_networks']:.1f}",
    )


def _one_shot(table: Table, language: str) -> str:
    rows = table["one_shot"]
    if not rows:
        return ""
    lines = [WORDS[language]["one_shot_head"], "|---|---|---|---|"]
    for learner, name in LEARNERS[language].items():
        cells = [_percent(rows[f"{learner}@{shots}"]["accuracy"]) for shots in SHOTS]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _percent(figure: Mapping[str, float]) -> str:
    return f"{_one(figure['value'])} % ({_one(figure['low'])}-{_one(figure['high'])})"


def _signed(figure: Mapping[str, float]) -> str:
    return f"{_points(figure['value'])} ({_points(figure['low'])} … {_points(figure['high'])})"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")


def _one(share: float) -> str:
    return f"{100 * share:.1f}"


def _whole(share: float) -> str:
    return f"{100 * share:.0f}"


if __name__ == "__main__":
    main()
