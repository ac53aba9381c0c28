"""Write a project's labels (and photos) to a file."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from labeling.domain.errors import DomainError
from labeling.models import ExportJob, Project
from labeling.services.export_formats.catalogue import FORMATS, Written, format_named, is_bundle
from labeling.services.exports import ExportOrder, export_bytes


class Command(BaseCommand):
    help = (
        "Write the labels of a project to a file, with the dataset card beside it (in a ZIP: inside). The file appears "
        "whole or not at all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", metavar="SLUG")
        parser.add_argument("--format", required=True, choices=list(FORMATS))
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")
        parser.add_argument("--unit", choices=ExportJob.Unit.values, default="consensus")
        parser.add_argument(
            "--photos", choices=ExportJob.Photos.values, default="", help="the format's own if not given"
        )
        parser.add_argument(
            "--places", action="store_true", help="with places, coarsened, where their sender consented"
        )
        parser.add_argument("--names", action="store_true", help="annotators by name instead of by number")
        parser.add_argument("--licence", default="", help="of the data, for the card")

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']!r}.")
        order = ExportOrder(
            format=options["format"],
            unit=options["unit"],
            photos=options["photos"],
            has_places=options["places"],
            has_names=options["names"],
            licence=options["licence"],
        )
        try:
            self._write(project, order, options["out"])
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error

    def _write(self, project: Project, order: ExportOrder, out: Path) -> None:
        spec, photos = format_named(order.format, unit=order.unit, photos=order.photos)
        outcome, digest = Written(), hashlib.sha256()
        part = out.with_name(f"{out.name}.part")
        try:
            with part.open("wb") as sink:
                for chunk in export_bytes(project=project, order=order, spec=spec, photos=photos, outcome=outcome):
                    sink.write(chunk)
                    digest.update(chunk)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
        if not is_bundle(photos):
            out.with_name(f"{out.name}.README.md").write_text(outcome.card, encoding="utf-8")
        tally = outcome.tally
        self.stdout.write(f"{out}: {tally.n_rows} rows of {tally.n_photos} photos, SHA-256 {digest.hexdigest()}")
        self.stdout.write(f"content hash {tally.content_sha256}")
        if outcome.missing.photo_ids:
            self.stderr.write(f"{len(outcome.missing.photo_ids)} photos are not in storage and were left out")
