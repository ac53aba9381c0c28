"""Routes of labelled neighbours."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.neighbours import views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/photos/<int:photo_id>/neighbours", views.Neighbours.as_view(), name="photo-neighbours"),
]
