"""Routes of the dashboard."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.dashboard import views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/dashboard", views.DashboardView.as_view(), name="dashboard"),
    path("projects/<slug:slug>/dashboard/plants", views.DashboardPlants.as_view(), name="dashboard-plants"),
]
