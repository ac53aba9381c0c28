"""Routes of a project's history."""

from __future__ import annotations

from django.urls import path

from labeling.api.history import views

urlpatterns = [
    path("projects/<slug:slug>/history/export", views.HistoryExportView.as_view(), name="history-export"),
]
