"""Model versions on their way to other programs."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class ModelExport(models.Model):
    """A version in one format: PENDING -> RUNNING -> DONE -> EXPIRED, or FAILED, or CANCELLED.

    ``attempt`` fences as it does for exports of labels: a worker writes to the row only while the row carries its
    attempt, and its file bears it in the name.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Expired"

    class Format(models.TextChoices):
        KERAS = "keras", "Keras"
        SAVED_MODEL = "saved_model", "TensorFlow SavedModel"
        ONNX = "onnx", "ONNX"
        TFLITE = "tflite", "TFLite, for phones"

    model_version = models.ForeignKey("classifier.ModelVersion", on_delete=models.CASCADE, related_name="exports")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    format = models.CharField(max_length=11, choices=Format)
    licence = models.CharField(max_length=120, blank=True, help_text="Under which the model may be used; for the card")
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    attempt = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0, help_text="Steps in all")
    done = models.PositiveSmallIntegerField(default=0, help_text="Steps done")
    error = models.TextField(blank=True)
    result = models.CharField(max_length=200, blank=True, help_text="Storage key of the file")
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the file")
    parity = models.JSONField(default=dict, help_text="How it compares with the served ensemble")
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
                name="model_export_done_has_a_file",
            ),
            models.UniqueConstraint(
                fields=["model_version", "format", "licence"],
                condition=Q(state__in=["pending", "running"]),
                name="model_export_once_at_a_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["state"], condition=Q(state__in=["pending", "running", "done"]), name="model_export_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.pk}"
