"""Routes of the report on the classes."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.classes import views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/classes", views.Classes.as_view(), name="classes"),
]
