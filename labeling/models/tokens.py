"""API tokens: how scripts come in as the person who made them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class TokenScope(models.TextChoices):
    """What a token may be used for, within what its owner's role allows at the time."""

    READ = "read", "Look at projects, photos, progress and models"
    LABEL = "label", "Take photos from the queue, decide, adjudicate"
    IMPORT = "import", "Send photos, import archives"
    EXPORT = "export", "Export labels and photos"
    TRAIN = "train", "Refresh, train, promote model versions"
    MANAGE = "manage", "Change a project's settings"


class ApiToken(models.Model):
    """A secret that stands for its owner. Only its SHA-256 is kept, so the table gives nobody a way in.

    ``prefix`` is the part that may be shown: by it a person tells their tokens apart, and a lookup finds the row whose
    digest is then compared in constant time. Revoked tokens are kept: who had which, and until when, can be shown.
    """

    owner = models.ForeignKey("labeling.User", on_delete=models.CASCADE, related_name="api_tokens")
    project = models.ForeignKey(
        "labeling.Project", on_delete=models.CASCADE, null=True, blank=True, help_text="Empty: all of the owner's"
    )
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=8, choices=TokenScope))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(scopes__len__gt=0, scopes__contained_by=TokenScope.values), name="api_token_scopes_known"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_token_expires_later"),
            models.CheckConstraint(
                condition=Q(token_sha256__regex=r"^[0-9a-f]{64}$"),  # noqa: S106 - a pattern
                name="api_token_is_a_digest",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner", "-id"], condition=Q(revoked_at__isnull=True), name="api_token_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.owner_id}"
