"""Reads of webhooks and of their outbox."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from labeling.domain.errors import NotFound
from labeling.models import Project, Webhook, WebhookDelivery


def webhooks_of(*, project: Project) -> QuerySet[Webhook]:
    """A project's webhooks, oldest first; one query."""
    return Webhook.objects.filter(project=project).select_related("project").order_by("id")


def webhook_get(*, project: Project, webhook_id: int) -> Webhook:
    """One webhook of this project.

    Raises:
        NotFound: "webhook_not_found", also for another project's.
    """
    webhook = webhooks_of(project=project).filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound("webhook_not_found", "There is no such webhook in this project.")
    return webhook


def deliveries_of(*, webhook: Webhook) -> QuerySet[WebhookDelivery]:
    """What a webhook was told or is to be told, newest first."""
    return WebhookDelivery.objects.filter(webhook=webhook).order_by("-id")


def delivery_get(*, webhook: Webhook, delivery_id: int) -> WebhookDelivery:
    """One message of a webhook.

    Raises:
        NotFound: "delivery_not_found".
    """
    delivery = deliveries_of(webhook=webhook).filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("delivery_not_found", "There is no such message of this webhook.")
    return delivery


def webhooks_due() -> list[int]:
    """Active webhooks with a message whose time has come."""
    due = WebhookDelivery.objects.filter(
        webhook=OuterRef("pk"), state=WebhookDelivery.State.PENDING, next_try_at__lte=timezone.now()
    )
    return list(Webhook.objects.filter(Exists(due), is_active=True).order_by("id").values_list("pk", flat=True))
