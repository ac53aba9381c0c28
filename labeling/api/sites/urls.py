"""Routes of sites and plants."""

from __future__ import annotations

from django.urls import path

from labeling.api.sites.views import PlantsView, SitesView

urlpatterns = [
    path("projects/<slug:slug>/sites", SitesView.as_view(), name="sites"),
    path("projects/<slug:slug>/sites/<int:site_id>/plants", PlantsView.as_view(), name="plants"),
]
