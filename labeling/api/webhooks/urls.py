"""Routes of webhooks."""

from __future__ import annotations

from django.urls import path

from labeling.api.webhooks import views

_hooks = "projects/<slug:slug>/webhooks"
_hook = f"{_hooks}/<int:webhook_id>"
urlpatterns = [
    path(_hooks, views.WebhooksView.as_view(), name="webhooks"),
    path(_hook, views.WebhookView.as_view(), name="webhook"),
    path(f"{_hook}/secret", views.WebhookSecretView.as_view(), name="webhook-secret"),
    path(f"{_hook}/test", views.WebhookTestView.as_view(), name="webhook-test"),
    path(f"{_hook}/deliveries", views.WebhookDeliveriesView.as_view(), name="webhook-deliveries"),
    path(f"{_hook}/deliveries/<int:delivery_id>/resend", views.WebhookResendView.as_view(), name="webhook-resend"),
]
