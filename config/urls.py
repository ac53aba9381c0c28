"""Routes. What no route takes is a page of the front end."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from config import metrics, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("labeling.api.urls")),
    path("api/v1/", include("classifier.api.urls")),
    path("api/schema", SpectacularAPIView.as_view(permission_classes=[]), name="api-schema"),
    path("api/docs", views.ApiDocs.as_view(url_name="api-schema"), name="api-docs"),
    re_path(r"^api/", views.api_not_found),
    path("sw.js", views.front_end_file, {"name": "sw.js", "content_type": "text/javascript"}),
    path(
        "manifest.webmanifest",
        views.front_end_file,
        {"name": "manifest.webmanifest", "content_type": "application/manifest+json"},
    ),
    re_path(r"^u(?:/.*)?$", views.front_end, {"entry": "grower.html"}, name="grower"),
    re_path(r"^(?!static/|media/)", views.front_end, name="front-end"),
]
