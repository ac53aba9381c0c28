"""Routes of sign-in."""

from __future__ import annotations

from django.urls import path

from labeling.api.session import views

urlpatterns = [
    path("session", views.SessionView.as_view(), name="session"),
    path("session/password", views.PasswordView.as_view(), name="session-password"),
    path("access-links/<str:token>", views.AccessLinkView.as_view(), name="access-link"),
]
