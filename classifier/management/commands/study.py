"""Run, or go on with, the study "Resultados" and write its table."""

from __future__ import annotations

import json
import os
import platform
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from classifier.study.document import results_document
from classifier.study.fits import LinearNetworks, Networks
from classifier.study.fold import StudyOptions
from classifier.study.photo_sets import (
    GENERATED,
    PHOTO_SETS,
    Embedding,
    GeneratedOptions,
    NoPhotos,
    PhotoSet,
    generated_set,
    real_set,
)
from classifier.study.plan import EVERY_ROW, UnknownRow
from classifier.study.runner import StudyPlan, finished_rows, run
from labeling.synthetic.traits import Difficulty

_OPTIONS, _GENERATED = StudyOptions(), GeneratedOptions()


class Command(BaseCommand):
    help = (
        "Measure what each lever (algorithms, curated labels, classes, specialists) adds to a plain network on the "
        "same photos, alone and together, against gold. Every finished cell is a line of cells.jsonl in --folder: "
        "killed and started again, the study goes on. Needs no database."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own declaration

    def add_arguments(self, parser: ArgumentParser) -> None:
        root = Path(settings.BASE_DIR)
        parser.add_argument("--set", action="append", choices=PHOTO_SETS, help="data set; all when none is given")
        parser.add_argument("--seeds", type=int, default=5)
        parser.add_argument("--folds", type=int, default=5)
        parser.add_argument("--arm", action="append", metavar="ROW", help="row of the table; all when none is given")
        parser.add_argument("--folder", type=Path, default=Path(settings.VAR_DIR) / "study", help="cells and caches")
        parser.add_argument("--results", type=Path, default=root / "benchmarks" / "results" / "study.json")
        parser.add_argument(
            "--shared", type=Path, default=root.parent / "shared", help="folder with data/ and weights/"
        )
        parser.add_argument("--weights", default="", help="pretrained weights; default KERAS_HOME, else SHARED's")
        parser.add_argument("--report", action="store_true", help="write the results of what is finished, run nothing")
        networks = parser.add_argument_group("networks")
        networks.add_argument(
            "--networks", choices=("scratch", "linear"), default="scratch", help="linear: a quick look"
        )
        networks.add_argument("--side", type=int, default=48, help="pixels of a photo's side")
        networks.add_argument("--epochs", type=int, default=8)
        networks.add_argument("--min-steps", type=int, default=100, help="more epochs where photos are few")
        networks.add_argument("--threads", type=int, default=1)
        world = parser.add_argument_group("photos and experts")
        world.add_argument("--per-stage", type=int, default=_GENERATED.per_stage, help="generated photos of each stage")
        for name in ("age_slack", "asynchrony", "clutter", "occlusion", "camera"):
            value = getattr(_GENERATED.difficulty, name)
            world.add_argument(f"--{name.replace('_', '-')}", type=float, default=value, help="of generated photos")
        world.add_argument("--slips", type=float, default=_OPTIONS.slips, help="times the typical rates of slipping")
        world.add_argument("--reviewed", type=float, default=_OPTIONS.reviewed, help="share of photos looked at again")
        world.add_argument("--seconds-per-opinion", type=float, default=_OPTIONS.seconds_per_opinion)

    def handle(self, *args: Any, **options: Any) -> None:
        self.options = options
        networks, sets, skipped = self._networks(), {}, {}
        for name in options["set"] or PHOTO_SETS:
            try:
                sets[name] = self._photos(name)
            except NoPhotos as reason:
                skipped[name] = str(reason)
                self.stdout.write(f"skipped: {reason}")
        plan = StudyPlan(
            options["seeds"], options["folds"], options["folder"], options["arm"] or EVERY_ROW,
            StudyOptions(
                reviewed=options["reviewed"], slips=options["slips"],
                seconds_per_opinion=options["seconds_per_opinion"],
            ),
        )  # fmt: skip
        try:
            rows = (
                finished_rows(sets, networks, plan) if options["report"] else run(sets, networks, plan, say=self._say)
            )
        except UnknownRow as error:
            raise CommandError(str(error)) from error
        about = {"machine": _machine(), "networks": networks.settings, "side": options["side"]}
        document = results_document(sets, rows, plan, skipped=skipped, about=about)
        options["results"].parent.mkdir(parents=True, exist_ok=True)
        options["results"].write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        self._print(document)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _networks(self) -> Networks:
        if self.options["networks"] == "linear":
            return LinearNetworks()
        from classifier import runtime

        runtime.configure_threads(self.options["threads"])
        return runtime.plain_fits(epochs=self.options["epochs"], min_steps=self.options["min_steps"])

    def _photos(self, name: str) -> PhotoSet:
        options = self.options
        made = {"side": options["side"], "embedding": self._embedding(), "cache": options["folder"] / "photos"}
        if name != GENERATED:
            return real_set(name, shared=options["shared"], **made)
        knobs = ("age_slack", "asynchrony", "clutter", "occlusion", "camera")
        difficulty = Difficulty(**{knob: options[knob] for knob in knobs})
        return generated_set(GeneratedOptions(per_stage=options["per_stage"], difficulty=difficulty), **made)

    def _embedding(self) -> Embedding:
        from classifier import runtime

        theirs = self.options["shared"] / "weights" / "keras"
        weights = self.options["weights"] or settings.KERAS_WEIGHTS_DIR or (str(theirs) if theirs.is_dir() else "")
        space = runtime.feature_space(weights).name
        return Embedding(space, lambda photos: runtime.embed(photos, weights), space != runtime.feature_space("").name)

    def _print(self, document: dict[str, Any]) -> None:
        for name, table in document["tables"].items():
            self.stdout.write(f"\n{name}: {table['n_folds']} folds of {table['n_seeds']} seeds")
            for arm, row in table["rows"].items():
                accuracy, over = (
                    [100 * row[figure][part] for part in ("value", "low", "high")] for figure in ("accuracy", "over_a0")
                )
                self.stdout.write(
                    f"  {arm:10} {accuracy[0]:5.1f} % ({accuracy[1]:.1f}-{accuracy[2]:.1f})"
                    f"  over A0 {over[0]:+.1f} ({over[1]:+.1f} to {over[2]:+.1f})  {row['minutes']:.0f} min"
                )
            if table["error_cut"]:
                cut, goal = 100 * table["error_cut"]["value"], 100 * table["error_cut"]["goal"]
                self.stdout.write(f"  A5 takes away {cut:.0f} % of A0's errors (goal {goal:.0f})")


def _machine() -> dict[str, Any]:
    return {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
