"""Routes of adjudication."""

from __future__ import annotations

from django.urls import path

from labeling.api.adjudication import views

urlpatterns = [
    path("projects/<slug:slug>/adjudications", views.AdjudicationsView.as_view(), name="adjudications"),
    path(
        "projects/<slug:slug>/adjudications/<int:photo_id>/settle",
        views.AdjudicationSettleView.as_view(),
        name="adjudication-settle",
    ),
]
