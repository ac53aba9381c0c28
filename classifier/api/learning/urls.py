"""Routes of the learning status."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.learning import views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/learning", views.Learning.as_view(), name="learning"),
    path("projects/<slug:slug>/forecast", views.Forecast.as_view(), name="forecast"),
    path("projects/<slug:slug>/refresh", views.Refresh.as_view(), name="refresh"),
]
