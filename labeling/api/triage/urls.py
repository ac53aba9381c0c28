"""Routes of the triage grid."""

from __future__ import annotations

from django.urls import path

from labeling.api.triage import views

urlpatterns = [
    path("projects/<slug:slug>/triage", views.TriageView.as_view(), name="triage"),
    path("projects/<slug:slug>/triage/reserve", views.TriageReserveView.as_view(), name="triage-reserve"),
]
