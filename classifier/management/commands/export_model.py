"""Write a model version for other programs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier.core.exporting import FORMAT_NAMES, NotExportable
from classifier.models import ModelVersion
from labeling.domain.errors import DomainError
from labeling.models import Project


class Command(BaseCommand):
    help = "Write a project's model in use (or another version) as a bundle of one graph, its labels and a card."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", metavar="SLUG")
        parser.add_argument("--format", choices=list(FORMAT_NAMES), required=True)
        parser.add_argument("--output", type=Path, required=True, metavar="FILE.zip")
        parser.add_argument("--number", type=int, help="version; the one in use without it")
        parser.add_argument("--licence", default="", help="under which the model may be used, for its card")

    def handle(self, *args: Any, **options: Any) -> None:
        from classifier.services.model_exports import model_export_write
        from classifier.tasks import loaded_runtime

        version = self._version(options["project"], options["number"])
        try:
            parity = model_export_write(
                version=version,
                format_name=options["format"],
                licence=options["licence"],
                archive=options["output"],
                runtime=loaded_runtime(),
            )
        except NotExportable as reason:
            raise CommandError(f"Version {version.number} is not exported: {reason}.") from reason
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"{options['output']}: version {version.number} as {options['format']}; on {parity.n_photos} photos its "
            f"probabilities differ from the served ensemble's by at most {parity.largest_difference:.1e}."
        )

    def _version(self, slug: str, number: int | None) -> ModelVersion:
        project = Project.objects.filter(slug=slug).first()
        if project is None:
            raise CommandError(f"There is no project {slug!r}.")
        wanted = {"state": ModelVersion.State.PROMOTED} if number is None else {"number": number}
        version = ModelVersion.objects.filter(project=project, **wanted).first()
        if version is None:
            raise CommandError(
                "The project has no model in use." if number is None else f"There is no version {number}."
            )
        return version
