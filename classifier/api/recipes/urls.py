"""Routes of recipes."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.recipes import views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/recipe", views.Recipe.as_view(), name="recipe"),
]
