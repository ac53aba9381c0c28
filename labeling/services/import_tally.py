"""Counts of an import, and the refusals that are not in the database yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from labeling.models import ImportBatch, ImportRefusal, Photo
from labeling.services.import_formats.containers import shown_name
from labeling.services.import_labels import storable

Outcome = str
"""``received``, ``duplicates`` or ``refused``: the counter it goes to."""


@dataclass
class Tally:
    """Counts of a run, and the refusals that are not in the database yet."""

    counts: dict[Outcome, int] = field(default_factory=lambda: {"received": 0, "duplicates": 0, "refused": 0})
    refusals: list[ImportRefusal] = field(default_factory=list)

    @property
    def n_rows(self) -> int:
        """How many rows have been dealt with: each goes to exactly one counter."""
        return sum(self.counts.values())

    def add(self, outcome: Outcome) -> None:
        self.counts[outcome] += 1

    def refuse(self, batch: ImportBatch, row: int, name: str, code: str, message: str) -> None:
        self.counts["refused"] += 1
        self.refusals.append(
            ImportRefusal(
                import_batch=batch, row=row, name=shown_name(name), code=code, message=storable(message)[:1000]
            )
        )


def outcome_of(batch: ImportBatch, photo: Photo, *, created: bool) -> Outcome:
    """A photo this very import brought in before it was interrupted is no duplicate."""
    return "received" if created or photo.import_batch_id == batch.pk else "duplicates"
