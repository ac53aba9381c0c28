"""Exports made in the background."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class ExportJob(models.Model):
    """One export: PENDING -> RUNNING -> DONE -> EXPIRED, or FAILED, or CANCELLED.

    ``attempt`` fences: a worker writes to the row only while the row carries its attempt, and its file bears it in the
    name. So a worker that was thought dead changes nothing when it comes back.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Expired"

    class Unit(models.TextChoices):
        CONSENSUS = "consensus", "One row per photo with a consensus"
        ANNOTATION = "annotation", "One row per annotation"

    class Photos(models.TextChoices):
        NONE = "none", "Without photos"
        MODEL = "model", "Short side 256, JPEG"
        VIEW = "view", "Long side 1600, WebP"
        ORIGINAL = "original", "As sent, without metadata"

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="exports")
    created_by = models.ForeignKey("labeling.User", on_delete=models.SET_NULL, null=True, blank=True)
    format = models.CharField(max_length=20)
    unit = models.CharField(max_length=10, choices=Unit, default=Unit.CONSENSUS)
    photos = models.CharField(max_length=8, choices=Photos, default=Photos.NONE)
    has_places = models.BooleanField(default=False, help_text="With places, coarsened, where their sender consented")
    has_names = models.BooleanField(default=False, help_text="Annotators by name instead of by number")
    licence = models.CharField(max_length=120, blank=True, help_text="Under which the data may be used; for the card")
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    attempt = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveIntegerField(default=0, help_text="Rows expected")
    done = models.PositiveIntegerField(default=0, help_text="Rows written")
    n_missing = models.PositiveIntegerField(default=0, help_text="Photos left out: not in storage")
    error = models.TextField(blank=True)
    result = models.CharField(max_length=200, blank=True, help_text="Storage key of the file")
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the file")
    content_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the canonical rows, whatever the format")
    card = models.TextField(blank=True, help_text="Dataset card, Markdown")
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="When the file is deleted")

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state="done") & ~Q(result="") & Q(expires_at__isnull=False)
                | ~Q(state="done") & Q(result=""),
                name="export_done_has_a_file",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "-id"], name="export_of_project"),
            models.Index(fields=["state"], condition=Q(state__in=["pending", "running", "done"]), name="export_open"),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.pk}"
