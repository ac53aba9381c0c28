"""Routes of the bench."""

from __future__ import annotations

from django.urls import path

from labeling.api.bench import views

urlpatterns = [
    path("projects/<slug:slug>/queue", views.QueueView.as_view(), name="queue"),
    path("projects/<slug:slug>/queue/reserve", views.QueueReserveView.as_view(), name="queue-reserve"),
    path("projects/<slug:slug>/queue/release", views.QueueReleaseView.as_view(), name="queue-release"),
    path("projects/<slug:slug>/decisions", views.DecisionsView.as_view(), name="decisions"),
]
