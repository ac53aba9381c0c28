"""Routes of API tokens."""

from __future__ import annotations

from django.urls import path

from labeling.api.tokens import views

urlpatterns = [
    path("api-tokens", views.ApiTokensView.as_view(), name="api-tokens"),
    path("api-tokens/<int:token_id>", views.ApiTokenView.as_view(), name="api-token"),
]
