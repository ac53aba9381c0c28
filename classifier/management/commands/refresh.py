"""Refresh a project's queue."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier import tasks
from classifier.services.refresh import project_refresh
from labeling.models import Project


class Command(BaseCommand):
    help = "Re-fit a project's light head on the latest decisions, score its photos and re-order its queue; here, now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']!r}.")
        run = project_refresh(project_id=project.pk, feature_space=tasks.feature_space_name())
        if run is None:
            raise CommandError("A worker is refreshing this project right now.")
        assert run.started_at is not None
        assert run.finished_at is not None
        seconds = (run.finished_at - run.started_at).total_seconds()
        accuracy = "no labelled held-out photos" if run.accuracy is None else f"held-out accuracy {run.accuracy:.1%}"
        self.stdout.write(f"{run.n_labels} labels, {run.n_scored} photos scored, {accuracy}, {seconds:.1f} s")
