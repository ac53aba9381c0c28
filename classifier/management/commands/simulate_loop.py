"""The whole loop on a labelled collection: import, ask, answer, learn; prints the learning curve."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from classifier import tasks
from classifier.models import RunState, TrainingRun
from classifier.selectors.learning import promoted_version
from classifier.services import simulation
from classifier.services.refresh import project_refresh
from classifier.services.scoring import CHUNK, photos_to_score
from classifier.services.training import training_run_start
from labeling.domain.errors import DomainError
from labeling.domain.scale_templates import StageInput
from labeling.management.commands.import_photos import stages_from_table
from labeling.models import Project, Role, User
from labeling.selectors.projects import current_scale
from labeling.services.people import member_add
from labeling.services.projects import project_create

EXPERT_EMAIL = "simulated-expert@example.org"
TABLES = ("split.csv", "labels.csv")
BASELINE_SEEDS = range(5)
BUSY_SECONDS = 60.0
COLUMNS = ("round", "decisions", "labels", "accuracy", "macro_f1", "mae", "qwk", "random_accuracy", "model", "seconds")


@dataclass
class Row:
    """One point of the learning curve; figures are null until a head can be fitted."""

    round: int
    decisions: int
    labels: int
    accuracy: float | None
    macro_f1: float | None
    mae: float | None
    qwk: float | None
    model: str
    seconds: float
    random_accuracy: float | None = None


class Command(BaseCommand):
    help = (
        "Play the whole loop on a labelled collection (a folder per class, or a CSV with path, label, plant): the "
        "labels are hidden, a simulated expert answers the queue round by round, and the held-out photos show how "
        "much has been learned. Uses the real database and storage; a project is made for it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", type=Path, help="folder (with split.csv or labels.csv, or a folder per class) or CSV"
        )
        parser.add_argument("--project", default="", metavar="SLUG", help="made if there is none (default: by name)")
        parser.add_argument(
            "--scale-from", type=Path, metavar="CSV", help="stages in order (default: classes.csv there)"
        )
        parser.add_argument("--unordered", action="store_true", help="the classes have no order")
        parser.add_argument("--rounds", type=int, default=10)
        parser.add_argument("--per-round", type=int, default=20, help="photos answered per round")
        parser.add_argument("--error-rate", type=float, default=0.0, help="of the expert, towards neighbouring stages")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--train-every", type=int, default=0, metavar="ROUNDS", help="train the ensemble, 0: never")
        parser.add_argument("--train-at-end", action="store_true", help="train the ensemble after the last round")
        parser.add_argument("--epochs", type=int, help="of the ensemble's network")
        parser.add_argument("--compare-random", action="store_true", help="the same head on labels drawn at random")
        parser.add_argument("--json", type=Path, help="where the curve goes (default: simulations/ in the var folder)")

    def handle(self, *args: Any, **options: Any) -> None:
        self.options = options
        try:
            self.project = self._project()
            self._import()
            self._play()
        except DomainError as error:
            raise CommandError(error.message) from error

    def _project(self) -> Project:
        path: Path = self.options["path"].resolve()
        slug = self.options["project"] or f"simulation-{path.stem}"[:60]
        project = Project.objects.filter(slug=slug).first()
        if project is not None:
            raise CommandError(f"There is a project {slug!r} already; --project SLUG names another.")
        folder = path if path.is_dir() else path.parent
        table = self.options["scale_from"] or folder / "classes.csv"
        stages = stages_from_table(table) if table.exists() else _stages_from_folders(folder)
        return project_create(
            name=f"Simulation: {path.stem}",
            slug=slug,
            created_by=None,
            stages=stages,
            is_ordered=not self.options["unordered"],
            seed=self.options["seed"],
        )

    def _import(self) -> None:
        path: Path = self.options["path"]
        source = next((path / name for name in TABLES if path.is_dir() and (path / name).exists()), path)
        call_command(
            "import_photos", source, project=self.project.slug, labels="hidden", process=True, stderr=self.stderr
        )
        self._score()

    def _play(self) -> None:
        """The rounds; a row of the curve after each."""
        options = self.options
        scale = current_scale(project_id=self.project.pk)
        self.is_ordered, n_stages = scale.is_ordered, len(scale.stages.all())
        self.held_out = simulation.hidden_truth(project=self.project, is_held_out=True)
        if not len(self.held_out.photo_ids):
            raise CommandError("No photo with a label was drawn into the held-out set; nothing could be measured.")
        annotator = self._annotator()
        expert = simulation.expert_of(n_stages=n_stages, error_rate=options["error_rate"], seed=options["seed"])
        self._refresh()
        rows: list[Row] = []
        decisions = 0
        for number in range(1, options["rounds"] + 1):
            began = time.perf_counter()
            answered = simulation.decisions_simulate(
                project=self.project, annotator=annotator, expert=expert, count=options["per_round"]
            )
            decisions += answered
            is_last = answered == 0 or number == options["rounds"]
            if self._trains_now(number, is_last=is_last):
                self._train()
            self._refresh()
            rows.append(self._row(number, decisions, time.perf_counter() - began))
            self.stderr.write(f"round {number}: {decisions} decisions, accuracy {_shown(rows[-1].accuracy)}")
            if is_last:
                break
        if options["compare_random"]:
            self._add_baseline(rows, n_stages)
        self._print(rows)
        self._write(rows)

    def _annotator(self) -> User:
        membership, _ = member_add(
            project=self.project, email=EXPERT_EMAIL, full_name="Simulated expert", role=Role.EXPERT
        )
        return membership.user

    def _score(self) -> None:
        """Embed, and predict where a version is promoted, everything that has not been, here and now."""
        while ids := photos_to_score(project_id=self.project.pk, feature_space=tasks.feature_space_name()):
            for start in range(0, len(ids), CHUNK):
                tasks.photos_score(self.project.pk, ids[start : start + CHUNK])
                self.stderr.write(f"\r{min(start + CHUNK, len(ids))} of {len(ids)} scored ", ending="")
            self.stderr.write("")

    def _refresh(self) -> None:
        """Refresh here; when a worker of a running product is at it, wait for it and refresh again."""
        deadline = time.monotonic() + BUSY_SECONDS
        while project_refresh(project_id=self.project.pk, feature_space=tasks.feature_space_name()) is None:
            if time.monotonic() > deadline:
                raise CommandError("Another refresh of this project does not end.")
            time.sleep(0.5)

    def _trains_now(self, number: int, *, is_last: bool) -> bool:
        every = self.options["train_every"]
        return bool(every and number % every == 0) or (is_last and self.options["train_at_end"])

    def _train(self) -> None:
        """Train here, or wait for the worker that was quicker; then score everything by the version in use."""
        try:
            run = training_run_start(
                project=self.project, trigger=TrainingRun.Trigger.COMMAND, epochs=self.options["epochs"]
            )
        except DomainError as error:
            self.stderr.write(f"not trained: {error.message}")
            return
        tasks.training_run(run.pk)
        run.refresh_from_db()
        while run.state in (RunState.QUEUED, RunState.RUNNING, RunState.LOST):
            time.sleep(1.0)
            run.refresh_from_db()
        line = run.log_lines.last()
        self.stderr.write(f"training {run.state}: {run.error or (line.message if line else '')}")
        self._score()

    def _row(self, number: int, decisions: int, seconds: float) -> Row:
        metrics = simulation.held_out_metrics(
            project=self.project,
            feature_space=tasks.feature_space_name(),
            truth=self.held_out,
            is_ordered=self.is_ordered,
        )
        version = promoted_version(project_id=self.project.pk)
        return Row(
            round=number,
            decisions=decisions,
            labels=simulation.labels_learned(project=self.project),
            accuracy=metrics["accuracy"] if metrics else None,
            macro_f1=metrics["macro_f1"] if metrics else None,
            mae=metrics["mae"] if metrics and self.is_ordered else None,
            qwk=metrics["qwk"] if metrics else None,
            model=f"v{version.number} + head" if version else "head" if metrics else "",
            seconds=round(seconds, 2),
        )

    def _add_baseline(self, rows: list[Row], n_stages: int) -> None:
        accuracies = simulation.random_baseline(
            project=self.project,
            feature_space=tasks.feature_space_name(),
            pool=simulation.hidden_truth(project=self.project, is_held_out=False),
            held_out=self.held_out,
            n_labels=sorted({row.labels for row in rows if row.labels}),
            n_stages=n_stages,
            is_ordered=self.is_ordered,
            expert=lambda seed: simulation.expert_of(
                n_stages=n_stages, error_rate=self.options["error_rate"], seed=seed
            ),
            seeds=BASELINE_SEEDS,
        )
        for row in rows:
            row.random_accuracy = accuracies.get(row.labels)

    def _print(self, rows: list[Row]) -> None:
        shown = [name for name in COLUMNS if any(getattr(row, name) is not None for row in rows)]
        self.stdout.write(
            f"{len(self.held_out.photo_ids)} held-out photos; expert errs at {self.options['error_rate']:.0%}"
        )
        self.stdout.write("  ".join(f"{name:>{max(9, len(name))}}" for name in shown))
        for row in rows:
            self.stdout.write("  ".join(f"{_shown(getattr(row, name)):>{max(9, len(name))}}" for name in shown))

    def _write(self, rows: list[Row]) -> None:
        target: Path = self.options["json"] or settings.VAR_DIR / "simulations" / f"{self.project.slug}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        report = {
            "project": self.project.slug,
            "collection": self.options["path"].name,
            "feature_space": tasks.feature_space_name(),
            "seed": self.options["seed"],
            "error_rate": self.options["error_rate"],
            "n_held_out": len(self.held_out.photo_ids),
            "random_baseline_draws": len(BASELINE_SEEDS) if self.options["compare_random"] else 0,
            "rows": [asdict(row) for row in rows],
        }
        target.write_text(json.dumps(report, indent=2) + "\n")
        self.stdout.write(f"The curve is in {target}")


def _stages_from_folders(folder: Path) -> list[StageInput]:
    """A stage per folder, by name: number the folders to give them an order."""
    names = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not names:
        raise CommandError(f"{folder} has neither a classes.csv nor a folder per class; see --scale-from.")
    titles = [name.replace("-", " ").replace("_", " ").strip().capitalize() for name in names]
    return [StageInput(name_es=title, name_en=title) for title in titles]


def _shown(value: float | int | str | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
