"""Routes of changes of the stages."""

from __future__ import annotations

from django.urls import URLPattern, path

from labeling.api.scales import views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/scale-migrations", views.ScaleMigrations.as_view(), name="scale-migrations"),
    path(
        "projects/<slug:slug>/scale-migrations/<int:migration_id>",
        views.ScaleMigrationDetail.as_view(),
        name="scale-migration",
    ),
    path(
        "projects/<slug:slug>/scale-migrations/<int:migration_id>/step",
        views.ScaleMigrationStep.as_view(),
        name="scale-migration-step",
    ),
]
