"""Routes of model versions."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.models import exports, views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/model-versions", views.ModelVersionList.as_view(), name="model-versions"),
    path(
        "projects/<slug:slug>/model-versions/<uuid:version_id>",
        views.ModelVersionDetail.as_view(),
        name="model-version",
    ),
    path(
        "projects/<slug:slug>/model-versions/<uuid:version_id>/report",
        views.ModelVersionReport.as_view(),
        name="model-version-report",
    ),
    path(
        "projects/<slug:slug>/model-versions/<uuid:version_id>/card",
        views.ModelVersionCard.as_view(),
        name="model-version-card",
    ),
    path(
        "projects/<slug:slug>/model-versions/<uuid:version_id>/promote",
        views.ModelVersionPromote.as_view(),
        name="model-version-promote",
    ),
    path(
        "projects/<slug:slug>/model-versions/<uuid:version_id>/shadow",
        views.ModelVersionShadow.as_view(),
        name="model-version-shadow",
    ),
    path(
        "projects/<slug:slug>/model-versions/<uuid:version_id>/exports",
        exports.ModelExportList.as_view(),
        name="model-exports",
    ),
    path(
        "projects/<slug:slug>/model-versions/<uuid:version_id>/exports/<int:model_export_id>",
        exports.ModelExportDetail.as_view(),
        name="model-export",
    ),
    path(
        "projects/<slug:slug>/model-versions/<uuid:version_id>/exports/<int:model_export_id>/download",
        exports.ModelExportDownload.as_view(),
        name="model-export-download",
    ),
]
