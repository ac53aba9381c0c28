"""Being asked again about one's own decisions, and how far people agree with themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.permissions import ProjectView
from labeling.api.retest.serializers import (
    RetestAnswerSerializer,
    RetestLastSerializer,
    RetestResultsSerializer,
    RetestStandingSerializer,
    round_data,
    standing_data,
)
from labeling.models import Role, TokenScope
from labeling.selectors.retest import last_result, people_retested, retest_standing
from labeling.services.practice import AnswerInput
from labeling.services.retest import retest_answer, retest_open


class PeopleView(ProjectView):
    """A view for those who are asked again; tokens are refused: it is people who repeat themselves."""

    required_role = Role.EXPERT
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {}

    def standing(self, slug: str, code: int = status.HTTP_200_OK) -> Response:
        """What is asked now, and where the reader stands."""
        standing = retest_standing(project=self.project, user=self.person)
        return Response(RetestStandingSerializer(standing_data(slug, standing)).data, status=code)


class RetestView(PeopleView):
    """The reader's round."""

    @extend_schema(operation_id="retest_retrieve", responses=RetestStandingSerializer, tags=["retest"])
    def get(self, request: Request, slug: str) -> Response:
        return self.standing(slug)

    @extend_schema(operation_id="retest_open", request=None, responses=RetestStandingSerializer, tags=["retest"])
    def post(self, request: Request, slug: str) -> Response:
        """Open a round; one that is open goes on."""
        retest_open(project=self.project, user=self.person)
        return self.standing(slug)


class RetestAnswersView(PeopleView):
    """Second answers: nothing is told, and none is an opinion that counts."""

    @extend_schema(
        operation_id="retest_answer",
        request=RetestAnswerSerializer,
        responses={201: RetestStandingSerializer},
        tags=["retest"],
    )
    def post(self, request: Request, slug: str) -> Response:
        form = RetestAnswerSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        retest_answer(project=self.project, user=self.person, answer=AnswerInput(**form.validated_data))
        return self.standing(slug, status.HTTP_201_CREATED)


class RetestLastView(PeopleView):
    """How the reader's latest round went, with the photos on which they differed."""

    @extend_schema(operation_id="retest_last", responses=RetestLastSerializer, tags=["retest"])
    def get(self, request: Request, slug: str) -> Response:
        result = last_result(project=self.project, user=self.person)
        return Response(RetestLastSerializer({"last": round_data(slug, result)}).data)


class RetestResultsView(PeopleView):
    """How far people agree with themselves: adjudicators see everybody, experts themselves."""

    @extend_schema(operation_id="retest_results", responses=RetestResultsSerializer, tags=["retest"])
    def get(self, request: Request, slug: str) -> Response:
        sees_all = self.role.includes(Role.ADJUDICATOR)
        people = people_retested(project=self.project, reader=self.person, sees_all=sees_all)
        return Response(RetestResultsSerializer({"people": people}).data)
