"""Practising on known photos, and who has to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.permissions import ProjectView
from labeling.api.practice.serializers import (
    PracticeAnswerSerializer,
    PracticeAskedSerializer,
    PracticeDecideSerializer,
    PracticeGradedSerializer,
    PracticeOverviewSerializer,
    question_data,
    standing_data,
)
from labeling.models import Role, TokenScope
from labeling.selectors.people import member_of
from labeling.selectors.practice import known_count, people_in_practice, rule_of
from labeling.services.practice import AnswerInput, practice_answer, practice_decide, practice_turn


class PracticeView(ProjectView):
    """A view for those who practise; tokens are refused: it is people who learn."""

    required_role = Role.EXPERT
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {}

    def asked(self, slug: str) -> dict[str, Any]:
        """What is asked now, and where the reader stands."""
        turn = practice_turn(project=self.project, user=self.person)
        return {"question": question_data(slug, turn.photo), "standing": standing_data(turn.standing)}


class PracticeQuestionView(PracticeView):
    """The photo to practise on."""

    @extend_schema(operation_id="practice_question", request=None, responses=PracticeAskedSerializer, tags=["practice"])
    def post(self, request: Request, slug: str) -> Response:
        """Draw a known photo; the same comes again until it is answered."""
        return Response(PracticeAskedSerializer(self.asked(slug)).data)


class PracticeAnswersView(PracticeView):
    """Answers in practice: told at once how they were, never counted as opinions."""

    @extend_schema(
        operation_id="practice_answer",
        request=PracticeAnswerSerializer,
        responses={201: PracticeGradedSerializer},
        tags=["practice"],
    )
    def post(self, request: Request, slug: str) -> Response:
        form = PracticeAnswerSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        graded = practice_answer(project=self.project, user=self.person, answer=AnswerInput(**form.validated_data))
        data = {"grade": graded.grade.value, "known": graded.known, **self.asked(slug)}
        return Response(PracticeGradedSerializer(data).data, status=status.HTTP_201_CREATED)


class PracticePeopleView(ProjectView):
    """How the experts stand."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {}  # who counts is decided by people

    @extend_schema(operation_id="practice_people_list", responses=PracticeOverviewSerializer, tags=["practice"])
    def get(self, request: Request, slug: str) -> Response:
        data = {
            "n_known": known_count(project=self.project, user_id=None),
            "n_wanted": self.project.practice_answers,
            "share_wanted": rule_of(project=self.project, stages=frozenset()).share,
            "people": people_in_practice(project=self.project),
        }
        return Response(PracticeOverviewSerializer(data).data)


class MemberPracticeView(ProjectView):
    """Whether one expert counts."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {}  # who counts is decided by people

    @extend_schema(
        operation_id="member_practice_set",
        request=PracticeDecideSerializer,
        responses={204: None},
        tags=["practice"],
    )
    def put(self, request: Request, slug: str, member_id: int) -> Response:
        form = PracticeDecideSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        member = member_of(project=self.project, membership_id=member_id)
        practice_decide(membership=member, by=self.person, **form.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
