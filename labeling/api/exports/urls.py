"""Routes of exports."""

from __future__ import annotations

from django.urls import path

from labeling.api.exports.views import (
    ExportDetailView,
    ExportDownloadView,
    ExportFormatsView,
    ExportStreamView,
    ExportsView,
)

urlpatterns = [
    path("projects/<slug:slug>/exports", ExportsView.as_view(), name="exports"),
    path("projects/<slug:slug>/exports/formats", ExportFormatsView.as_view(), name="export-formats"),
    path("projects/<slug:slug>/exports/stream", ExportStreamView.as_view(), name="export-stream"),
    path("projects/<slug:slug>/exports/<int:export_id>", ExportDetailView.as_view(), name="export"),
    path("projects/<slug:slug>/exports/<int:export_id>/download", ExportDownloadView.as_view(), name="export-download"),
]
