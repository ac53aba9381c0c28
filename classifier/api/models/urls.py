"""Routes of model versions."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.models import views

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
]
