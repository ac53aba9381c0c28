"""Routes of files on their way."""

from __future__ import annotations

from django.urls import path

from labeling.api.uploads.views import UploadChunkView, UploadDetailView, UploadsView

urlpatterns = [
    path("projects/<slug:slug>/uploads", UploadsView.as_view(), name="uploads"),
    path("projects/<slug:slug>/uploads/<int:upload_id>", UploadDetailView.as_view(), name="upload"),
    path(
        "projects/<slug:slug>/uploads/<int:upload_id>/chunks/<int:index>",
        UploadChunkView.as_view(),
        name="upload-chunk",
    ),
]
