"""Routes of photos."""

from __future__ import annotations

from django.urls import path, register_converter

from labeling.api.photos.views import PhotoCheckView, PhotoDetailView, PhotosView, RenditionView


class RenditionConverter:
    """A rendition that people may see; ``model`` is for networks."""

    regex = "thumb|view|full"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(RenditionConverter, "rendition")

_photos = "projects/<slug:slug>/photos"
urlpatterns = [
    path(_photos, PhotosView.as_view(), name="photos"),
    path(f"{_photos}/check", PhotoCheckView.as_view(), name="photos-check"),
    path(f"{_photos}/<int:photo_id>", PhotoDetailView.as_view(), name="photo"),
    path(f"{_photos}/<int:photo_id>/renditions/<rendition:name>", RenditionView.as_view(), name="rendition"),
]
