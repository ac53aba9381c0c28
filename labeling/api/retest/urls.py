"""Routes of test-retest."""

from __future__ import annotations

from django.urls import path

from labeling.api.retest import views

urlpatterns = [
    path("projects/<slug:slug>/retest", views.RetestView.as_view(), name="retest"),
    path("projects/<slug:slug>/retest/answers", views.RetestAnswersView.as_view(), name="retest-answers"),
    path("projects/<slug:slug>/retest/last", views.RetestLastView.as_view(), name="retest-last"),
    path("projects/<slug:slug>/retest/results", views.RetestResultsView.as_view(), name="retest-results"),
]
