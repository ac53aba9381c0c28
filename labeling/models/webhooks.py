"""Webhooks: addresses that are told of a project's events, and the outbox of what they are told."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class WebhookEvent(models.TextChoices):
    """What a webhook may be told of."""

    CONSENSUS_SETTLED = "consensus.settled", "A photo was settled"
    IMPORT_FINISHED = "import.finished", "An import ended"
    EXPORT_READY = "export.ready", "An export can be downloaded"
    TRAINING_FINISHED = "training.finished", "A training ended"
    MODEL_PROMOTED = "model.promoted", "A model version was promoted"


class Webhook(models.Model):
    """An address of a project's admins.

    The signing secret is not kept: it is derived from the server's own key and ``salt``, so the table alone signs
    nothing. A new salt is a new secret; the old one signs beside it until ``former_until``, so that a receiver can
    change over without losing a message.
    """

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    events = ArrayField(models.CharField(max_length=20, choices=WebhookEvent))
    salt = models.CharField(max_length=64)
    former_salt = models.CharField(max_length=64, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True, blank=True, help_text="First failure since the last success")
    n_failures = models.PositiveIntegerField(default=0, help_text="Attempts that failed since the last success")
    disabled_at = models.DateTimeField(null=True, blank=True, help_text="Switched off because it kept failing")
    created_by = models.ForeignKey("labeling.User", on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(events__len__gt=0, events__contained_by=WebhookEvent.values), name="webhook_events_known"
            ),
            models.CheckConstraint(
                condition=Q(former_salt="", former_until__isnull=True)
                | ~Q(former_salt="") & Q(former_until__isnull=False),
                name="webhook_former_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True) | Q(is_active=False), name="webhook_disabled_is_not_active"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.project_id}"


class WebhookDelivery(models.Model):
    """A message for one webhook: PENDING -> DELIVERED, or FAILED when all attempts were used up.

    Written in the transaction of the event it tells of, so that neither is without the other. ``next_try_at`` is also
    the lease: who claims the row moves it past the time an attempt can take, and a worker that dies holds up nothing.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    class Failure(models.TextChoices):
        ANSWERED = "answered", "Another answer than 2xx"
        TIMEOUT = "timeout", "No answer in time"
        NOT_ALLOWED = "not_allowed", "The address is not called by this server"
        NO_ADDRESS = "no_address", "The host has no address"
        CERTIFICATE = "certificate", "The certificate is not valid for the host"
        REFUSED = "refused", "The connection was refused"
        BROKEN = "broken", "The connection failed"
        GIVEN_UP = "given_up", "The worker ended at every attempt"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, help_text="The same in every attempt")
    event = models.CharField(max_length=20)
    payload = models.JSONField()
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    last_status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status of the last answer")
    last_error = models.CharField(max_length=11, choices=Failure, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    attempted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state="pending") | Q(attempts__gt=0, attempted_at__isnull=False),
                name="webhook_delivery_tried",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["webhook", "-id"], name="webhook_delivery_latest"),
            models.Index(fields=["webhook", "id"], condition=Q(state="pending"), name="webhook_delivery_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk} {self.state}"
