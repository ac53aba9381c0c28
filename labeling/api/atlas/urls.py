"""Routes of the atlas."""

from __future__ import annotations

from django.urls import path

from labeling.api.atlas import views

STAGE = "projects/<slug:slug>/stages/<int:stage_id>"

urlpatterns = [
    path(f"{STAGE}/references", views.StageReferencesView.as_view(), name="stage-references"),
    path(f"{STAGE}/candidates", views.StageCandidatesView.as_view(), name="stage-candidates"),
    path(f"{STAGE}/description", views.StageDescriptionView.as_view(), name="stage-description"),
]
