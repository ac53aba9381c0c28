"""Routes of model versions."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.models import exports, views

VERSION = "projects/<slug:slug>/model-versions/<uuid:version_id>"

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/model-versions", views.ModelVersionList.as_view(), name="model-versions"),
    path(VERSION, views.ModelVersionDetail.as_view(), name="model-version"),
    path(f"{VERSION}/report", views.ModelVersionReport.as_view(), name="model-version-report"),
    path(f"{VERSION}/card", views.ModelVersionCard.as_view(), name="model-version-card"),
    path(f"{VERSION}/promote", views.ModelVersionPromote.as_view(), name="model-version-promote"),
    path(f"{VERSION}/shadow", views.ModelVersionShadow.as_view(), name="model-version-shadow"),
    path(f"{VERSION}/exports", exports.ModelExportList.as_view(), name="model-exports"),
    path(f"{VERSION}/exports/<int:model_export_id>", exports.ModelExportDetail.as_view(), name="model-export"),
    path(
        f"{VERSION}/exports/<int:model_export_id>/download",
        exports.ModelExportDownload.as_view(),
        name="model-export-download",
    ),
]
