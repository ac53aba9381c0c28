"""Archives on their way to an import."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class ArchiveUpload(models.Model):
    """A large file that comes in chunks, so that it goes on where it broke off.

    Chunks come in order and lie in storage under ``uploads/<id>/<index>``; ``n_chunks`` counts those that are there.
    """

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey("labeling.User", on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(help_text="Bytes of the whole file")
    fingerprint = models.CharField(max_length=64, help_text="By which the sender knows the file again")
    chunk_bytes = models.PositiveIntegerField(help_text="Of every chunk but the last")
    n_chunks = models.PositiveIntegerField(default=0, help_text="Chunks that are in storage, from the first")
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(help_text="When the last chunk came")

    class Meta:
        ordering: ClassVar[list[str]] = ["-touched_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "created_by", "fingerprint"], name="upload_once_per_sender"),
            models.CheckConstraint(condition=Q(size__gt=0) & Q(chunk_bytes__gt=0), name="upload_has_bytes"),
            models.CheckConstraint(
                condition=Q(n_chunks__lte=(F("size") + F("chunk_bytes") - 1) / F("chunk_bytes")),
                name="upload_has_no_more_than_all",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def received(self) -> int:
        """Bytes that are in storage."""
        return min(self.size, self.n_chunks * self.chunk_bytes)

    @property
    def is_whole(self) -> bool:
        return self.received == self.size
