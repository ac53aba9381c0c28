"""Sending what waits in the outbox of a webhook.

A message is claimed (``next_try_at`` moves past the time an attempt can take), sent outside any transaction, and its
outcome written only while the row carries the same attempt. So two workers never send one message at once, a killed
worker delays it by the lease, and a receiver may at worst see it twice, under the same id.
"""

from __future__ import annotations

import random
import time
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from labeling.domain.webhooks import MOST_ATTEMPTS, body_of, headers_of, is_hopeless, retry_delay, secret_of
from labeling.models import Webhook, WebhookDelivery
from labeling.services.webhook_sending import TOTAL_S, NotDelivered, webhook_post

LEASE = timedelta(seconds=6 * TOTAL_S)
MOST_PER_RUN = 20
RUN_S = 30.0
"""A run ends after this: a receiver that is slow must not keep the worker from everybody else's work."""

log = structlog.get_logger(__name__)


def webhook_deliver(*, webhook_id: int) -> bool:
    """Send what is due, the longest due first; True if more may be due.

    It stops at the first failure: the next message would most likely fail too, and hold the worker as long.
    """
    if not settings.WEBHOOKS.is_enabled:
        return False
    ends_at = time.monotonic() + RUN_S
    for _ in range(MOST_PER_RUN):
        if time.monotonic() > ends_at:
            return True
        delivery = _claim(webhook_id)
        if delivery is None:
            return False
        if not _attempt(delivery):
            return False
    return True


@transaction.atomic
def _claim(webhook_id: int) -> WebhookDelivery | None:
    now = timezone.now()
    due = WebhookDelivery.objects.filter(
        webhook_id=webhook_id, webhook__is_active=True, state=WebhookDelivery.State.PENDING, next_try_at__lte=now
    )
    delivery = (
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("webhook")
        .order_by("next_try_at", "id")
        .first()
    )
    if delivery is None:
        return None
    # Counted before it is made: a message that kills its worker is not tried for ever.
    delivery.attempts, delivery.attempted_at, delivery.next_try_at = delivery.attempts + 1, now, now + LEASE
    if delivery.attempts > MOST_ATTEMPTS:
        delivery.state, delivery.last_error = WebhookDelivery.State.FAILED, WebhookDelivery.Failure.GIVEN_UP
    delivery.save(update_fields=["attempts", "attempted_at", "next_try_at", "state", "last_error"])
    return delivery


def _attempt(delivery: WebhookDelivery) -> bool:
    if delivery.state != WebhookDelivery.State.PENDING:
        return False
    hook = delivery.webhook
    body = body_of(delivery.payload)
    now = timezone.now()
    salts = [hook.salt] + ([hook.former_salt] if hook.former_until and hook.former_until > now else [])
    headers = headers_of(
        message_id=delivery.message_id,
        timestamp=int(now.timestamp()),
        body=body,
        secrets=[secret_of(server_key=settings.SECRET_KEY, salt=salt) for salt in salts],
    )
    try:
        status = webhook_post(url=hook.url, headers=headers, body=body, rules=settings.WEBHOOKS)
    except NotDelivered as failure:
        _failed(delivery, failure)
        return False
    _delivered(delivery, status)
    return True


def _ours(delivery: WebhookDelivery) -> bool:
    """Lock the row, if the attempt is still ours."""
    rows = WebhookDelivery.objects.select_for_update(of=("self",)).filter(
        pk=delivery.pk, state=WebhookDelivery.State.PENDING, attempts=delivery.attempts
    )
    return rows.first() is not None


@transaction.atomic
def _delivered(delivery: WebhookDelivery, status: int) -> None:
    if not _ours(delivery):
        return
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=WebhookDelivery.State.DELIVERED, last_status=status, last_error=""
    )
    Webhook.objects.filter(pk=delivery.webhook_id, n_failures__gt=0).update(n_failures=0, failing_since=None)


@transaction.atomic
def _failed(delivery: WebhookDelivery, failure: NotDelivered) -> None:
    if not _ours(delivery):
        return
    now = timezone.now()
    delay = retry_delay(delivery.attempts, spread=random.random())  # noqa: S311 - spreads load, guards nothing
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=WebhookDelivery.State.FAILED if delay is None else WebhookDelivery.State.PENDING,
        next_try_at=now if delay is None else now + delay,
        last_status=failure.status,
        last_error=failure.failure,
    )
    hooks = Webhook.objects.filter(pk=delivery.webhook_id)
    hooks.update(n_failures=F("n_failures") + 1, failing_since=Coalesce("failing_since", now))
    hook = hooks.get()
    assert hook.failing_since is not None
    if hook.is_active and is_hopeless(failing_for=now - hook.failing_since, n_failures=hook.n_failures):
        hooks.update(is_active=False, disabled_at=now)
        log.warning("webhook_disabled", webhook_id=hook.pk, n_failures=hook.n_failures)
