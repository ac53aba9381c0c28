"""Routes of the labelling API, under /api/v1/. Each area keeps its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from labeling.api import openapi  # noqa: F401 - registers its extensions

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("labeling.api.session.urls")),
    path("", include("labeling.api.tokens.urls")),
    path("", include("labeling.api.projects.urls")),
    path("", include("labeling.api.atlas.urls")),
    path("", include("labeling.api.members.urls")),
    path("", include("labeling.api.sites.urls")),
    path("", include("labeling.api.photos.urls")),
    path("", include("labeling.api.photo_context.urls")),
    path("", include("labeling.api.history.urls")),
    path("", include("labeling.api.my_photos.urls")),
    path("", include("labeling.api.imports.urls")),
    path("", include("labeling.api.uploads.urls")),
    path("", include("labeling.api.exports.urls")),
    path("", include("labeling.api.webhooks.urls")),
    path("", include("labeling.api.bench.urls")),
    path("", include("labeling.api.triage.urls")),
    path("", include("labeling.api.practice.urls")),
    path("", include("labeling.api.lots.urls")),
    path("", include("labeling.api.adjudication.urls")),
    path("", include("labeling.api.agreement.urls")),
    path("", include("labeling.api.scales.urls")),
]
