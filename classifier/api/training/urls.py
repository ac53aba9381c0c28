"""Routes of training runs."""

from __future__ import annotations

from django.urls import URLPattern, path

from classifier.api.training import views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:slug>/training-rule", views.TrainingRule.as_view(), name="training-rule"),
    path("projects/<slug:slug>/training-runs", views.TrainingRunList.as_view(), name="training-runs"),
    path("projects/<slug:slug>/training-runs/<int:run_id>", views.TrainingRunDetail.as_view(), name="training-run"),
    path(
        "projects/<slug:slug>/training-runs/<int:run_id>/cancel",
        views.TrainingRunCancel.as_view(),
        name="training-run-cancel",
    ),
]
