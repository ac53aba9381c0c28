"""Rows of an import that bring no file: labels for photos that the project has, told by their hash.

Nothing is read but the database, so many rows share a transaction: a hundred thousand labels come in within the time
that a few hundred photos take. A row is still taken or refused by itself, and a killed run loses at most one chunk,
which the next run brings in again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from labeling.domain.errors import DomainError
from labeling.models import ImportBatch, Photo, Suggestion
from labeling.services.consensus_many import photos_locked
from labeling.services.import_formats.rows import ImportRow
from labeling.services.import_labels import Stages, storable
from labeling.services.import_tally import Tally, outcome_of
from labeling.services.known_labels import known_labels_write_many
from labeling.services.label_book import LabelBook, StatedLabel, label_book
from labeling.services.queue import suggestions_record

IMPORTED_MODEL = "imported"
VERSION_LENGTH = 40


def is_known_row(row: ImportRow) -> bool:
    """Whether a row brings no file, or is refused by its source already."""
    return bool(row.refused) or row.opener is None


class KnownRows:
    """Brings such rows in.

    Args:
        batch: the import.
        stages: of the project.
        rehearsed: what a dry run has been told so far, by hash of the photo: it is not in the database.
    """

    def __init__(self, batch: ImportBatch, stages: Stages, rehearsed: dict[str, list[StatedLabel]]) -> None:
        self._batch = batch
        self._stages = stages
        self._rehearsed = rehearsed
        self._is_labelled = batch.label_use != ImportBatch.LabelUse.NONE

    @transaction.atomic
    def bring_in(self, rows: Sequence[ImportRow], tally: Tally) -> None:
        """All of ``rows`` in one transaction; what is refused is in the report and leaves nothing behind."""
        photos = photos_locked(project=self._batch.project, sha256s=[row.sha256 for row in rows if row.sha256])
        book = self._book(photos)
        predicted: dict[str, dict[int, tuple[int, float]]] = defaultdict(dict)
        for row in rows:
            if row.refused:
                tally.refuse(self._batch, row.row, row.name, row.refused, row.message)
                continue
            try:
                photo = self._take(row, photos, book, predicted)
                tally.add(outcome_of(self._batch, photo, created=False))
            except DomainError as refusal:
                tally.refuse(self._batch, row.row, row.name, refusal.code, refusal.message)
        if not self._batch.is_dry_run:
            if book is not None:
                known_labels_write_many(photos=list(photos.values()), book=book)
            self._predict(predicted)

    def _book(self, photos: dict[str, Photo]) -> LabelBook | None:
        if not self._is_labelled:
            return None
        book = label_book(
            photo_ids=[photo.pk for photo in photos.values()],
            label_use=self._batch.label_use,
            source=self._batch.label_source,
        )
        for sha256, photo in photos.items():
            if earlier := self._rehearsed.get(sha256):
                book.state(photo.pk, earlier)
        return book

    def _take(
        self,
        row: ImportRow,
        photos: dict[str, Photo],
        book: LabelBook | None,
        predicted: dict[str, dict[int, tuple[int, float]]],
    ) -> Photo:
        """The photo of a row, once nothing speaks against what the row says of it.

        Raises:
            DomainError: something does.
        """
        labels = self._stages.stated(row, source=self._batch.label_source) if book is not None else []
        photo = photos.get(row.sha256)
        if photo is None:
            raise DomainError("file_missing", "There is no such file, and the project has no photo of this hash.")
        stage = None if row.model is None else self._stages.named(row.model.labels)
        if book is not None and labels:
            book.state(photo.pk, labels)
            if self._batch.is_dry_run:
                self._rehearsed.setdefault(row.sha256, []).extend(labels)
        if row.model is not None and stage is not None:
            version = storable(row.model.version)[:VERSION_LENGTH] or IMPORTED_MODEL
            predicted[version].setdefault(photo.pk, (stage.position, row.model.confidence))
        return photo

    def _predict(self, predicted: dict[str, dict[int, tuple[int, float]]]) -> None:
        """Keep predictions that came along, unless a model of ours has already had its say."""
        for version, by_photo in predicted.items():
            ours = set(Suggestion.objects.filter(photo_id__in=by_photo).values_list("photo_id", flat=True))
            new = {photo_id: said for photo_id, said in by_photo.items() if photo_id not in ours}
            suggestions_record(
                project_id=self._batch.project_id,
                model_version=version,
                photo_ids=list(new),
                positions=[position for position, _ in new.values()],
                confidences=[confidence for _, confidence in new.values()],
            )
