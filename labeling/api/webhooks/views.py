"""Webhooks: admins have other programs told of what happens. Closed to tokens: a program must not place listeners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.pagination import CursorPages
from labeling.api.permissions import ProjectView
from labeling.api.webhooks.serializers import (
    WebhookCreateSerializer,
    WebhookDeliverySerializer,
    WebhookMadeSerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
    WebhooksSerializer,
    WebhookUpdateSerializer,
)
from labeling.models import Role, TokenScope
from labeling.selectors.webhooks import deliveries_of, delivery_get, webhook_get, webhooks_of
from labeling.services.webhooks import (
    webhook_create,
    webhook_delete,
    webhook_resend,
    webhook_secret_rotate,
    webhook_test,
    webhook_update,
)


class WebhookBaseView(ProjectView):
    """A view of a project's webhooks."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {}


class WebhooksView(WebhookBaseView):
    """All webhooks; a new one."""

    @extend_schema(operation_id="webhooks_retrieve", responses=WebhooksSerializer, tags=["webhooks"])
    def get(self, request: Request, slug: str) -> Response:
        """List them, and say whether this server calls any."""
        data = {"is_enabled": settings.WEBHOOKS.is_enabled, "webhooks": webhooks_of(project=self.project)}
        return Response(WebhooksSerializer(data).data)

    @extend_schema(
        operation_id="webhook_create",
        request=WebhookCreateSerializer,
        responses={201: WebhookMadeSerializer},
        tags=["webhooks"],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Make one. Its signing secret is in this answer and nowhere else."""
        body = WebhookCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        webhook, secret = webhook_create(project=self.project, by=self.person, **body.validated_data)
        return _unstored({**WebhookSerializer(webhook).data, "secret": secret}, status.HTTP_201_CREATED)


class WebhookView(WebhookBaseView):
    """One webhook."""

    @extend_schema(
        operation_id="webhook_update",
        request=WebhookUpdateSerializer,
        responses=WebhookSerializer,
        tags=["webhooks"],
    )
    def patch(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Change it, switch it off or on."""
        body = WebhookUpdateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        webhook = webhook_get(project=self.project, webhook_id=webhook_id)
        return Response(WebhookSerializer(webhook_update(webhook=webhook, **body.validated_data)).data)

    @extend_schema(operation_id="webhook_delete", request=None, responses={204: None}, tags=["webhooks"])
    def delete(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Delete it with the messages that wait."""
        webhook_delete(webhook=webhook_get(project=self.project, webhook_id=webhook_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class WebhookSecretView(WebhookBaseView):
    """The signing secret of a webhook."""

    @extend_schema(
        operation_id="webhook_secret_rotate", request=None, responses=WebhookSecretSerializer, tags=["webhooks"]
    )
    def post(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Make a new one; for a day messages carry the signatures of both."""
        webhook = webhook_get(project=self.project, webhook_id=webhook_id)
        return _unstored({"secret": webhook_secret_rotate(webhook=webhook)}, status.HTTP_200_OK)


class WebhookTestView(WebhookBaseView):
    """Whether messages arrive."""

    @extend_schema(
        operation_id="webhook_test", request=None, responses={202: WebhookDeliverySerializer}, tags=["webhooks"]
    )
    def post(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Send a message that tells of nothing."""
        webhook = webhook_get(project=self.project, webhook_id=webhook_id)
        delivery = webhook_test(webhook=webhook, by=self.person)
        return Response(WebhookDeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)


class WebhookDeliveriesView(WebhookBaseView):
    """What a webhook was told."""

    pagination_class = CursorPages

    @extend_schema(
        operation_id="webhook_deliveries_list", responses=WebhookDeliverySerializer(many=True), tags=["webhooks"]
    )
    def get(self, request: Request, slug: str, webhook_id: int) -> Response:
        """List its messages of the last month, newest first."""
        pages = self.pagination_class()
        webhook = webhook_get(project=self.project, webhook_id=webhook_id)
        rows = pages.paginate_queryset(deliveries_of(webhook=webhook), request, view=self)
        return pages.get_paginated_response(WebhookDeliverySerializer(rows, many=True).data)


class WebhookResendView(WebhookBaseView):
    """A message, again."""

    @extend_schema(
        operation_id="webhook_resend", request=None, responses={202: WebhookDeliverySerializer}, tags=["webhooks"]
    )
    def post(self, request: Request, slug: str, webhook_id: int, delivery_id: int) -> Response:
        """Send it again, under the same id."""
        webhook = webhook_get(project=self.project, webhook_id=webhook_id)
        delivery = webhook_resend(delivery=delivery_get(webhook=webhook, delivery_id=delivery_id))
        return Response(WebhookDeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)


def _unstored(data: dict[str, Any], code: int) -> Response:
    response = Response(data, status=code)
    response["Cache-Control"] = "no-store"
    return response
