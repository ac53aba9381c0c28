"""Routes of what date, place and plant say."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.date_evidence import views

urlpatterns: list[URLPattern] = [
    path(
        "projects/<slug:slug>/photos/<int:photo_id>/date-evidence",
        views.DateEvidenceView.as_view(),
        name="photo-date-evidence",
    ),
]
