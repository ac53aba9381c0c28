"""Routes of predictions."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.predictions import views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/photos/<int:photo_id>/prediction", views.Prediction.as_view(), name="photo-prediction"),
]
