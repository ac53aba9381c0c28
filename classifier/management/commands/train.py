"""Train a project's ensemble."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier import tasks
from classifier.core.contracts import MEMBER_NAMES
from classifier.models import RunState, TrainingRun
from classifier.services.training import training_run_start
from labeling.domain.errors import DomainError
from labeling.models import Project


class Command(BaseCommand):
    help = "Queue a training of a project's ensemble for a train worker, or do it here with --here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", metavar="SLUG")
        parser.add_argument("--epochs", type=int, help="most epochs of a network")
        parser.add_argument("--member", action="append", default=[], choices=list(MEMBER_NAMES))
        parser.add_argument("--force", action="store_true", help="also when no label has changed since the last one")
        parser.add_argument("--here", action="store_true", help="train in this process and wait for the end")

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']!r}.")
        try:
            run = training_run_start(
                project=project,
                trigger=TrainingRun.Trigger.COMMAND,
                epochs=options["epochs"],
                members=options["member"],
                force=options["force"],
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Training {run.pk} of {run.snapshot.n_train} photos is queued.")
        if options["here"]:
            self._train_here(run)

    def _train_here(self, run: TrainingRun) -> None:
        tasks.training_run(run.pk)
        run.refresh_from_db()
        for line in run.log_lines.all():
            self.stdout.write(f"{line.level:>7}  {line.message}")
        if run.state != RunState.SUCCEEDED:
            raise CommandError(run.error or f"The training is {run.state}.")
