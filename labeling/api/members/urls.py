"""Routes of members."""

from __future__ import annotations

from django.urls import path

from labeling.api.members import views

urlpatterns = [
    path("projects/<slug:slug>/members", views.MembersView.as_view(), name="members"),
    path("projects/<slug:slug>/members/<int:member_id>", views.MemberView.as_view(), name="member"),
    path(
        "projects/<slug:slug>/members/<int:member_id>/access-link",
        views.MemberAccessLinkView.as_view(),
        name="member-access-link",
    ),
]
