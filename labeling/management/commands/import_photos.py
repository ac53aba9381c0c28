"""Bring photos in from a folder, a ZIP or a table."""

from __future__ import annotations

import csv
import os
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from labeling.domain.errors import DomainError
from labeling.domain.scale_templates import StageInput
from labeling.events import heard_only_by, photo_received
from labeling.models import ImportBatch, Photo, Project
from labeling.selectors.imports import REPORT_LIMIT, import_report
from labeling.services.import_formats.detection import AUTO, FORMATS, source_of
from labeling.services.import_formats.rows import SourceUnusable
from labeling.services.import_report import report_csv
from labeling.services.imports import import_run, import_start
from labeling.services.photo_workers import photo_workers
from labeling.services.projects import project_create


class Command(BaseCommand):
    help = (
        "Bring photos in from a folder or a ZIP (a folder per class; with labels.csv, .jsonl or .parquet; imagefolder "
        "of Hugging Face; COCO; tasks of Label Studio; lines of doccano), or from a table beside its photos, with the "
        "columns path, label, plant, site, taken_at. Safe to repeat: photos that are there are not brought in twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="folder, .zip, .csv, .jsonl, .parquet or .json")
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--create-project", metavar="NAME", help="make the project first, if there is none")
        parser.add_argument(
            "--scale-from", type=Path, metavar="CSV", help="its stages, in order: columns slug, title (and order, bbch)"
        )
        parser.add_argument("--unordered", action="store_true", help="the stages of the new project have no order")
        parser.add_argument("--labels", choices=ImportBatch.LabelUse.values, default="none", help="how labels are used")
        parser.add_argument("--source", default="", help="who gave the labels; needed for prior")
        parser.add_argument("--name", default="", help="of the import; the file's name if not given")
        parser.add_argument("--format", choices=FORMATS, default=AUTO, help="what it is; found out if not given")
        parser.add_argument("--dry-run", action="store_true", help="tell what would come in, and write nothing")
        parser.add_argument("--report", type=Path, metavar="CSV", help="write every refused row and why to this file")
        parser.add_argument(
            "--process", action="store_true", help="also make the photos ready here, instead of by the workers"
        )
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="for --process; one a core")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            project = self._project(options)
            source = source_of(options["path"], options["format"])
            batch = import_start(
                project=project,
                name=options["name"] or options["path"].resolve().name,
                label_use=options["labels"],
                label_source=options["source"],
                form=options["format"],
                is_dry_run=options["dry_run"],
            )
        except (DomainError, SourceUnusable) as error:
            raise CommandError(str(error)) from error
        is_processed = options["process"] and not options["dry_run"]
        try:
            with self._processed(project, options["processes"]) if is_processed else nullcontext():
                batch = import_run(import_batch_id=batch.pk, source=source, on_progress=self._show)
                self._show(batch, end="\n")
        except BrokenProcessPool as error:
            raise CommandError(
                "A process that made photos ready was ended. What came in stays; run it again."
            ) from error
        if batch.state == ImportBatch.State.FAILED:
            raise CommandError(batch.error)
        for refused in import_report(batch=batch)[:REPORT_LIMIT]:
            self.stderr.write(f"refused: {refused.name} (row {refused.row}): {refused.message}")
        if options["report"]:
            with options["report"].open("wb") as sink:
                sink.writelines(report_csv(batch=batch))
        if options["dry_run"]:
            self.stderr.write("This was a dry run: nothing was written.")

    def _project(self, options: dict[str, Any]) -> Project:
        project = Project.objects.filter(slug=options["project"]).first()
        if project is not None:
            return project
        if not options["create_project"]:
            raise CommandError(f"There is no project {options['project']!r}; --create-project NAME makes one.")
        if options["scale_from"] is None:
            raise CommandError("A new project needs its stages: --scale-from CSV.")
        return project_create(
            name=options["create_project"],
            slug=options["project"],
            created_by=None,
            stages=stages_from_table(options["scale_from"]),
            is_ordered=not options["unordered"],
        )

    def _show(self, batch: ImportBatch, *, end: str = "") -> None:
        counts = f"{batch.received} received, {batch.duplicates} known, {batch.refused} refused of {batch.total}"
        self.stderr.write(f"\r{counts} ", ending=end)

    @contextmanager
    def _processed(self, project: Project, n_processes: int) -> Iterator[None]:
        """Photos that come in meanwhile are made ready here, and not by the workers; so are those that waited."""
        n_done = 0

        def show(photos: list[Photo]) -> None:
            nonlocal n_done
            n_done += len(photos)
            for photo in photos:
                if photo.status == Photo.Status.REJECTED:
                    self.stderr.write(f"\rrejected: {photo.original_name}: {photo.get_rejection_display()}")
            self.stderr.write(f"\r{n_done} processed ", ending="")

        with photo_workers(project=project, n_processes=n_processes, on_done=show) as workers:

            def take(*, photo_id: int, **_: Any) -> None:
                workers.take(photo_id)

            with heard_only_by(photo_received, take):
                yield
        self.stderr.write("")


def stages_from_table(table: Path) -> list[StageInput]:
    """Stages of a classes.csv: ``slug`` and ``title`` (or name_en, name_es), in order of ``order`` if there is one."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as opened:
            rows = list(csv.DictReader(opened))
    except OSError as error:
        raise CommandError(f"{table} cannot be read: {error}") from error
    if not rows or "slug" not in rows[0]:
        raise CommandError(f"{table} needs a column named slug.")
    rows.sort(key=lambda row: int(row.get("order") or 0))
    return [_stage(row) for row in rows]


def _stage(row: dict[str, str]) -> StageInput:
    title = row.get("title") or row["slug"].replace("-", " ").capitalize()
    codes = re.findall(r"\d{2,3}", row.get("bbch") or "")
    return StageInput(
        name_es=row.get("name_es") or title,
        name_en=row.get("name_en") or title,
        slug=row["slug"],
        bbch_first=codes[0] if codes else "",
        bbch_last=codes[-1] if codes else "",
    )
