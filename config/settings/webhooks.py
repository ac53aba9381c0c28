"""Whether this server calls addresses that admins enter, and which."""

from __future__ import annotations

from config.env import Environment
from labeling.domain.webhook_addresses import WebhookRules


def webhook_settings(environment: Environment) -> WebhookRules:
    """The rules by WEBHOOKS, WEBHOOK_HOSTS and WEBHOOK_OWN_HOSTS."""
    return WebhookRules(
        is_enabled=environment.is_webhooks,
        hosts=tuple(host.lower() for host in environment.webhook_hosts),
        own_hosts=tuple(host.lower() for host in environment.webhook_own_hosts),
    )
