"""Routes of lots."""

from __future__ import annotations

from django.urls import path

from labeling.api.lots import views

urlpatterns = [path("projects/<slug:slug>/lots", views.LotsView.as_view(), name="lots")]
