"""Routes of the second look."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.second_look import views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/second-look", views.SecondLooks.as_view(), name="second-looks"),
    path("projects/<slug:slug>/second-look/summary", views.SecondLookSummary.as_view(), name="second-look-summary"),
    path(
        "projects/<slug:slug>/second-look/<int:look_id>/settle",
        views.SecondLookSettle.as_view(),
        name="second-look-settle",
    ),
]
