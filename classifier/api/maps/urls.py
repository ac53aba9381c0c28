"""Routes of the map."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.maps import views

_maps = "projects/<slug:slug>/map"
urlpatterns: list[URLPattern] = [
    path(_maps, views.MapView.as_view(), name="map"),
    path(f"{_maps}/<int:map_id>/points", views.MapPointsView.as_view(), name="map-points"),
    path(f"{_maps}/<int:map_id>/photos", views.MapPhotosView.as_view(), name="map-photos"),
    path(f"{_maps}/<int:map_id>/columns/<slug:column>", views.MapColumnView.as_view(), name="map-column"),
]
