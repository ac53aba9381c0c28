"""Routes of practice."""

from __future__ import annotations

from django.urls import path

from labeling.api.practice import views

urlpatterns = [
    path("projects/<slug:slug>/practice/question", views.PracticeQuestionView.as_view(), name="practice-question"),
    path("projects/<slug:slug>/practice/answers", views.PracticeAnswersView.as_view(), name="practice-answers"),
    path("projects/<slug:slug>/practice/people", views.PracticePeopleView.as_view(), name="practice-people"),
    path(
        "projects/<slug:slug>/members/<int:member_id>/practice",
        views.MemberPracticeView.as_view(),
        name="member-practice",
    ),
]
