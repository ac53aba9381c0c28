"""Routes of projects."""

from __future__ import annotations

from django.urls import path

from labeling.api.projects import views

urlpatterns = [
    path("projects", views.ProjectsView.as_view(), name="projects"),
    path("projects/<slug:slug>", views.ProjectDetailView.as_view(), name="project"),
    path("scale-templates", views.ScaleTemplatesView.as_view(), name="scale-templates"),
]
