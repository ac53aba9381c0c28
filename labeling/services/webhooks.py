"""Writes of webhooks and of their outbox. What is sent, and when, is in ``webhook_delivery.py``."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from labeling.domain.errors import Conflict, DomainError
from labeling.domain.webhook_addresses import webhook_target
from labeling.domain.webhooks import TEST_EVENT, secret_of
from labeling.events import announce, webhook_waiting
from labeling.models import Project, User, Webhook, WebhookDelivery, WebhookEvent

MOST_WEBHOOKS = 10
FORMER_SECRET_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(days=30)


def webhook_record(*, project_id: int, event: WebhookEvent, data: Mapping[str, Any]) -> None:
    """Put a message for every webhook that wants ``event`` into the outbox, in the caller's transaction.

    Costs nothing where the server calls no webhooks, else one query for a project that has none.
    """
    if not settings.WEBHOOKS.is_enabled:
        return
    wanting = Webhook.objects.filter(project_id=project_id, is_active=True, events__contains=[event.value])
    hooks = list(wanting.select_related("project").only("id", "project__slug"))
    if hooks:
        with transaction.atomic():
            _put(hooks, event.value, data)


@transaction.atomic
def webhook_create(*, project: Project, by: User, name: str, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """Make a webhook; its signing secret comes back with it.

    Raises:
        Conflict: "webhooks_off", this server calls none; "too_many_webhooks".
        DomainError: "webhook_invalid", "webhook_url_invalid", "webhook_host_refused".
    """
    _require_enabled()
    webhook_target(url, rules=settings.WEBHOOKS)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # two at once must not pass the limit together
    if Webhook.objects.filter(project=project).count() >= MOST_WEBHOOKS:
        raise Conflict("too_many_webhooks", f"A project has at most {MOST_WEBHOOKS} webhooks.")
    webhook = Webhook.objects.create(
        project=project, created_by=by, name=_named(name), url=url, events=_known(events), salt=secrets.token_hex(32)
    )
    return webhook, secret_of(server_key=settings.SECRET_KEY, salt=webhook.salt)


@transaction.atomic
def webhook_update(*, webhook: Webhook, **changes: Any) -> Webhook:
    """Change ``name``, ``url``, ``events`` or ``is_active``. Switching on forgets failures; what waits is sent.

    Raises:
        DomainError: as :func:`webhook_create`.
    """
    webhook = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related("project").get(pk=webhook.pk)
    if "url" in changes:
        webhook_target(changes["url"], rules=settings.WEBHOOKS)
        webhook.url = changes["url"]
    if "name" in changes:
        webhook.name = _named(changes["name"])
    if "events" in changes:
        webhook.events = _known(changes["events"])
    if "is_active" in changes:
        webhook.is_active = changes["is_active"]
        if webhook.is_active:
            webhook.disabled_at, webhook.failing_since, webhook.n_failures = None, None, 0
    webhook.save()
    if webhook.is_active:
        announce(webhook_waiting, webhook_id=webhook.pk)
    return webhook


@transaction.atomic
def webhook_secret_rotate(*, webhook: Webhook) -> str:
    """Make a new secret and return it; messages carry the signature of the former one too for a day."""
    webhook = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    webhook.former_salt, webhook.former_until = webhook.salt, timezone.now() + FORMER_SECRET_FOR
    webhook.salt = secrets.token_hex(32)
    webhook.save(update_fields=["salt", "former_salt", "former_until"])
    return secret_of(server_key=settings.SECRET_KEY, salt=webhook.salt)


def webhook_delete(*, webhook: Webhook) -> None:
    """Delete a webhook with its outbox."""
    Webhook.objects.filter(pk=webhook.pk).delete()


@transaction.atomic
def webhook_test(*, webhook: Webhook, by: User) -> WebhookDelivery:
    """Send a message that tells of nothing, to see whether it arrives.

    Raises:
        Conflict: "webhooks_off" or "webhook_inactive".
    """
    _require_enabled()
    if not webhook.is_active:
        raise Conflict("webhook_inactive", "This webhook is switched off.")
    return _put([webhook], TEST_EVENT, {"sent_by": by.pk})[0]


@transaction.atomic
def webhook_resend(*, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send a message again, with the same id, or try a waiting one now; its attempts start anew.

    Raises:
        Conflict: "webhooks_off" or "webhook_inactive".
    """
    _require_enabled()
    delivery = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("webhook").get(pk=delivery.pk)
    if not delivery.webhook.is_active:
        raise Conflict("webhook_inactive", "This webhook is switched off.")
    delivery.state, delivery.attempts, delivery.next_try_at = WebhookDelivery.State.PENDING, 0, timezone.now()
    delivery.save(update_fields=["state", "attempts", "next_try_at"])
    announce(webhook_waiting, webhook_id=delivery.webhook_id)
    return delivery


def deliveries_expire() -> int:
    """Delete messages older than ``KEPT_FOR``, sent or not; returns how many."""
    n_deleted, _ = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return n_deleted


def _put(hooks: Sequence[Webhook], event: str, data: Mapping[str, Any]) -> list[WebhookDelivery]:
    now = timezone.now()
    deliveries = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            webhook=hook,
            event=event,
            next_try_at=now,
            payload={"type": event, "timestamp": now.isoformat(), "data": {"project": hook.project.slug, **data}},
        )
        for hook in hooks
    )
    for hook in hooks:
        announce(webhook_waiting, webhook_id=hook.pk)
    return deliveries


def _require_enabled() -> None:
    if not settings.WEBHOOKS.is_enabled:
        raise Conflict("webhooks_off", "This server calls no webhooks; whoever runs it can switch them on.")


def _named(name: str) -> str:
    if not name.strip():
        raise DomainError("webhook_invalid", "A webhook needs a name.", {"name": ["Missing."]})
    return name.strip()


def _known(events: Sequence[str]) -> list[str]:
    known = [event for event in WebhookEvent.values if event in set(events)]
    if not known or set(events) - set(known):
        raise DomainError("webhook_invalid", "A webhook needs events, known ones.", {"events": ["Unknown or missing."]})
    return known
