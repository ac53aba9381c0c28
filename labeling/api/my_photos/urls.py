"""Routes of a sender's own photos."""

from __future__ import annotations

from django.urls import path

from labeling.api.my_photos import views

_mine = "projects/<slug:slug>/my-photos"
urlpatterns = [
    path(_mine, views.MyPhotosView.as_view(), name="my-photos"),
    path(f"{_mine}/news", views.MyNewsView.as_view(), name="my-news"),
    path(f"{_mine}/<int:photo_id>", views.MyPhotoView.as_view(), name="my-photo"),
    path("projects/<slug:slug>/my-plots", views.MyPlotsView.as_view(), name="my-plots"),
    path("location-consent", views.LocationConsentView.as_view(), name="location-consent"),
]
