"""Routes of the agreement page."""

from __future__ import annotations

from django.urls import path

from labeling.api.agreement import views

urlpatterns = [
    path("projects/<slug:slug>/agreement", views.AgreementView.as_view(), name="agreement"),
    path("projects/<slug:slug>/agreement/refresh", views.AgreementRefreshView.as_view(), name="agreement-refresh"),
]
