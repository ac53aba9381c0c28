"""Routes of the learning API, under /api/v1/. Each area keeps its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("classifier.api.learning.urls")),
    path("", include("classifier.api.training.urls")),
    path("", include("classifier.api.maps.urls")),
    path("", include("classifier.api.models.urls")),
    path("", include("classifier.api.neighbours.urls")),
    path("", include("classifier.api.predictions.urls")),
    path("", include("classifier.api.date_evidence.urls")),
    path("", include("classifier.api.recipes.urls")),
    path("", include("classifier.api.second_look.urls")),
    path("", include("classifier.api.classes.urls")),
    path("", include("classifier.api.dashboard.urls")),
]
