"""Routes of what stands around a photo."""

from __future__ import annotations

from django.urls import path

from labeling.api.photo_context import views

_photo = "projects/<slug:slug>/photos/<int:photo_id>"
urlpatterns = [
    path(f"{_photo}/plant", views.PlantStripView.as_view(), name="photo-plant"),
    path(f"{_photo}/history", views.PhotoHistoryView.as_view(), name="photo-history"),
    path(f"{_photo}/gold", views.PhotoGoldView.as_view(), name="photo-gold"),
]
