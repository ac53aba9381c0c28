"""Routes of imports."""

from __future__ import annotations

from django.urls import path

from labeling.api.imports.views import (
    ImportCancelView,
    ImportDetailView,
    ImportReportFileView,
    ImportReportView,
    ImportsView,
)

urlpatterns = [
    path("projects/<slug:slug>/imports", ImportsView.as_view(), name="imports"),
    path("projects/<slug:slug>/imports/<int:import_batch_id>", ImportDetailView.as_view(), name="import"),
    path("projects/<slug:slug>/imports/<int:import_batch_id>/cancel", ImportCancelView.as_view(), name="import-cancel"),
    path("projects/<slug:slug>/imports/<int:import_batch_id>/report", ImportReportView.as_view(), name="import-report"),
    path(
        "projects/<slug:slug>/imports/<int:import_batch_id>/report.csv",
        ImportReportFileView.as_view(),
        name="import-report-file",
    ),
]
