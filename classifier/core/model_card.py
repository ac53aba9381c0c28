"""A report as a model card: Markdown that a person reads and keeps beside the model.

References
----------
.. [1] Mitchell et al., "Model Cards for Model Reporting", FAT* 2019.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from classifier.core.model_card_words import WORDS

_STATES = ("candidate", "promoted", "rejected", "retired")
_SHARES = ("accuracy", "balanced_accuracy", "far_errors", "ece")
_ORDER = ("accuracy", "balanced_accuracy", "macro_f1", "qwk", "mae", "far_errors", "nll", "brier", "ece")


@dataclasses.dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card says besides the report.

    Parameters
    ----------
    project : str
    number : int
        Of the version.
    state : str
        Of the version.
    made_at : datetime
    stages : sequence of str
        Names, in the language of the card.
    """

    project: str
    number: int
    state: str
    made_at: datetime
    stages: Sequence[str]


def model_card(content: dict[str, Any], facts: CardFacts, *, language: str) -> str:
    """Write the card.

    Parameters
    ----------
    content : dict
        Of a stored report.
    facts : CardFacts
    language : {"es", "en"}

    Returns
    -------
    str
        Markdown.
    """
    return _Card(facts, language).text(content)


class _Card:
    """One card while it is written; numbers are written as its language does."""

    def __init__(self, facts: CardFacts, language: str) -> None:
        self.facts, self.words, self.comma = facts, WORDS[language], language == "es"

    def text(self, content: dict[str, Any]) -> str:
        facts = self.facts
        state = self.words["states"].split("|")[_STATES.index(facts.state)]
        parts = [
            "# " + self.say("title", project=_plain(facts.project), number=facts.number),
            self.say("made", date=facts.made_at.date().isoformat(), state=state),
            self.heading("use"),
            self.words["use_body"],
        ]
        subsets = content["subsets"]
        name = "held_out" if "held_out" in subsets else "out_of_fold"
        if name in subsets:
            parts += self.subset(name, subsets[name])
        if content["specialists"] is not None:
            parts += self.specialists(content["specialists"])
        parts += self.receipt(content["receipt"])
        return "\n\n".join(parts) + "\n"

    def subset(self, name: str, subset: dict[str, Any]) -> list[str]:
        parts = [
            self.heading("figures"),
            self.say("measured_on", n=subset["n"], groups=subset["n_groups"], subset=self.words[name]),
            self.figures(subset),
            *self.labels(subset["labels"]),
            self.heading("stages"),
            self.stages(subset),
            "### " + self.words["confusion"],
            self.confusion(subset["confusion"]),
            self.heading("boundaries"),
            self.boundaries(subset["boundaries"]),
            self.heading("answering"),
            "\n".join("- " + self.at(row) for row in subset["answering"]["at"]),
        ]
        conformal, flips = subset["conformal"], subset["flips"]
        if conformal is not None:
            said = self.say(
                "conformal_body",
                promised=self.share(conformal["promised"], 0),
                covered=self.share(conformal["covered"]["value"]),
                interval=self.interval(conformal["covered"], self.share),
                size=self.number(conformal["size"]["value"], 2),
            )
            parts += [self.heading("conformal"), said]
        if flips is not None:
            parts += ["## " + self.say("flips", version=flips["version"]), self.flips(flips)]
        return parts

    def figures(self, subset: dict[str, Any]) -> str:
        found, reliability = subset["figures"], subset["reliability"]
        rows = []
        for name in _ORDER:
            if name in found:
                write = self.share if name in _SHARES else self.number
                rows.append([self.words[name], write(found[name]["value"]), self.interval(found[name], write)])
        before = self.say("ece_before", temperature=self.number(reliability["temperature"], 2))
        for label, figure in ((before, reliability["ece_before"]), (self.words["aurc"], subset["answering"]["aurc"])):
            rows.append([label, self.share(figure["value"]), self.interval(figure, self.share)])
        return self.table(["figure", "value", "interval"], rows)

    def labels(self, labels: dict[str, Any]) -> list[str]:
        rows = [
            [self.words[row["labels"]], str(row["n"]), self.share(row["accuracy"]["value"]),
             self.interval(row["accuracy"], self.share)]
            for row in labels["against"]
            if row["accuracy"] is not None
        ]  # fmt: skip
        experts = labels["experts"]
        said = self.words["no_experts"]
        if experts["agreement"] is not None:
            said = self.say(
                "experts",
                value=self.share(experts["agreement"]["value"]),
                interval=self.interval(experts["agreement"], self.share),
                pairs=experts["n_pairs"],
                photos=experts["n_photos"],
            )
        return [self.heading("labels"), self.table(["against", "n", "accuracy", "interval"], rows), said]

    def stages(self, subset: dict[str, Any]) -> str:
        conformal = subset["conformal"]
        rows = []
        for place, row in enumerate(subset["per_stage"]):
            covered = None if conformal is None else conformal["by_stage"][place]["covered"]
            rows.append(
                [
                    self.stage(place),
                    str(row["support"]),
                    self.share(row["precision"]),
                    self.share(row["recall"]),
                    self.number(row["f1"]),
                    "–" if covered is None else self.share(covered["value"]),
                ]
            )
        return self.table(["stage", "n", "precision", "recall", "macro_f1", "covered"], rows, {"macro_f1": "F1"})

    def confusion(self, confusion: list[list[int]]) -> str:
        names = [self.stage(place) for place in range(len(confusion))]
        lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
        lines += [f"| {name} | " + " | ".join(map(str, row)) + " |" for name, row in zip(names, confusion, strict=True)]
        return "\n".join(lines)

    def boundaries(self, boundaries: list[dict[str, Any]]) -> str:
        rows = []
        for row in boundaries:
            confused, differ = row["confused"], row["experts_differ"]
            rows.append(
                [
                    f"{self.stage(row['lower'])} / {self.stage(row['upper'])}",
                    str(row["n"]),
                    "–" if confused is None else self.share(confused["value"]),
                    "–" if confused is None else self.interval(confused, self.share),
                    "–" if differ is None else self.share(differ),
                ]
            )
        return self.table(["boundary", "n", "confused", "interval", "experts_differ"], rows)

    def at(self, row: dict[str, Any]) -> str:
        return self.say(
            "at",
            coverage=self.share(row["coverage"], 0),
            accuracy=self.share(row["value"]),
            interval=self.interval(row, self.share),
        )

    def flips(self, flips: dict[str, Any]) -> str:
        difference = flips["difference"]
        return self.say(
            "flips_body",
            n=flips["n"],
            negative=flips["negative"],
            positive=flips["positive"],
            difference=self.points(difference["value"]),
            interval=self.interval(difference, self.points),
        )

    def specialists(self, verdict: dict[str, Any]) -> list[str]:
        parts = [self.heading("specialists"), self.words[verdict["outcome"]]]
        if verdict["differences"]:
            parts.append(
                "\n".join(
                    f"- {self.words[rival]}: {self.points(found['mean'])} ({self.interval(found, self.points)})"
                    for rival, found in verdict["differences"].items()
                )
            )
        return parts

    def receipt(self, receipt: dict[str, Any]) -> list[str]:
        labels = receipt["label_set"]
        rate = receipt["photos_per_second"]
        lines = {
            "label_set": f"{labels['id']} `{labels['hash']}`",
            "split": f"`{receipt['split_hash']}`",
            "code": f"`{receipt['code_revision'] or '–'}`",
            "weights": f"`{receipt['weights_hash']}`",
            "pretrained": ", ".join(f"{row['backbone']} `{row['weights_hash']}`" for row in receipt["pretrained"]),
            "seed": str(receipt["seed"]),
            "device": _plain(receipt["device"]),
            "seconds": self.number(receipt["wall_seconds"], 1),
            "rate": "–" if rate is None else self.number(rate, 1),
            "attempts": str(receipt["attempts"]),
        }
        return [
            self.heading("receipt"),
            "\n".join(f"- {self.words[name]}: {value}" for name, value in lines.items() if value),
        ]

    def say(self, key: str, **values: Any) -> str:
        return self.words[key].format(**values)

    def heading(self, key: str) -> str:
        return "## " + self.words[key]

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], names: dict[str, str] | None = None) -> str:
        titles = [(names or {}).get(column, self.words[column]) for column in columns]
        lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
        return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])

    def stage(self, place: int) -> str:
        return _plain(self.facts.stages[place]) if place < len(self.facts.stages) else str(place + 1)

    def number(self, value: float, decimals: int = 3) -> str:
        text = f"{value:.{decimals}f}"
        return text.replace(".", ",") if self.comma else text

    def share(self, value: float, decimals: int = 1) -> str:
        return self.number(100 * value, decimals) + " %"

    def points(self, value: float) -> str:
        text = f"{100 * value:+.1f}"
        return text.replace(".", ",") if self.comma else text

    def interval(self, figure: dict[str, Any], write: Any) -> str:
        return f"{write(figure['low'])} – {write(figure['high'])}"


def _plain(text: str) -> str:
    """Names that people typed, so that they stay text in a table."""
    kept = "".join(character if character.isprintable() else " " for character in text)
    return "".join("\\" + character if character in r"\`*_[]<>|#" else character for character in kept)
