"""Shapes of webhooks."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.domain.webhook_addresses import LONGEST_URL
from labeling.domain.webhooks import TEST_EVENT
from labeling.models import WebhookDelivery, WebhookEvent

TOLD_EVENTS = [*WebhookEvent.choices, (TEST_EVENT, "A test")]


class WebhookSerializer(serializers.Serializer[Any]):
    """A webhook; its secret is shown when it is made, and never again."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.ChoiceField(choices=WebhookEvent.choices))
    is_active = serializers.BooleanField()
    failing_since = serializers.DateTimeField(allow_null=True, help_text="First failure since the last success")
    n_failures = serializers.IntegerField(help_text="Attempts that failed since the last success")
    disabled_at = serializers.DateTimeField(allow_null=True, help_text="When it was switched off, because it failed")
    former_until = serializers.DateTimeField(allow_null=True, help_text="Until when the former secret signs too")
    created_at = serializers.DateTimeField()


class WebhooksSerializer(serializers.Serializer[Any]):
    """A project's webhooks, and whether this server calls any."""

    is_enabled = serializers.BooleanField()
    webhooks = WebhookSerializer(many=True)


class WebhookMadeSerializer(WebhookSerializer):
    """A webhook just made."""

    secret = serializers.CharField(help_text="Shown this once")


class WebhookSecretSerializer(serializers.Serializer[Any]):
    """A new signing secret."""

    secret = serializers.CharField(help_text="Shown this once")


class WebhookCreateSerializer(serializers.Serializer[Any]):
    """A new webhook."""

    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=LONGEST_URL)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookEvent.choices), min_length=1, max_length=len(WebhookEvent)
    )


class WebhookUpdateSerializer(serializers.Serializer[Any]):
    """Changes of a webhook."""

    name = serializers.CharField(max_length=80, required=False)
    url = serializers.CharField(max_length=LONGEST_URL, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookEvent.choices),
        min_length=1,
        max_length=len(WebhookEvent),
        required=False,
    )
    is_active = serializers.BooleanField(required=False)


class WebhookDeliverySerializer(serializers.Serializer[Any]):
    """A message of a webhook."""

    id = serializers.IntegerField()
    message_id = serializers.UUIDField()
    event = serializers.ChoiceField(choices=TOLD_EVENTS)
    payload = serializers.DictField()
    state = serializers.ChoiceField(choices=WebhookDelivery.State.choices)
    attempts = serializers.IntegerField()
    next_try_at = serializers.DateTimeField()
    last_status = serializers.IntegerField(allow_null=True)
    last_error = serializers.ChoiceField(choices=WebhookDelivery.Failure.choices, allow_blank=True)
    created_at = serializers.DateTimeField()
    attempted_at = serializers.DateTimeField(allow_null=True)
