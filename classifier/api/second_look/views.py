"""The second look: doubtful labels, worst first, and what an adjudicator makes of them."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.second_look.serializers import (
    SecondLookRowSerializer,
    SecondLooksAskSerializer,
    SecondLookSettleSerializer,
    SecondLookSummarySerializer,
    second_look_row,
)
from classifier.selectors.learning import active_run
from classifier.selectors.second_look import (
    companions_of,
    open_by_reason,
    open_by_stage,
    round_effects,
    second_looks_open,
)
from classifier.services.second_look_settling import second_look_settle
from labeling.api.pagination import CursorPages
from labeling.api.permissions import ProjectView
from labeling.models import Role


class SecondLookPages(CursorPages):
    """The most doubtful first; index ``second_look_open``."""

    page_size = 20
    ordering = ("-doubt", "id")


class SecondLooks(ProjectView):
    """Labels that deserve a second look."""

    required_role = Role.ADJUDICATOR

    @extend_schema(
        operation_id="second_looks_list",
        parameters=[SecondLooksAskSerializer, OpenApiParameter("cursor", str)],
        responses=inline_serializer(
            "SecondLookPage",
            {"results": SecondLookRowSerializer(many=True), "next": serializers.CharField(allow_null=True)},
        ),
    )
    def get(self, request: Request, slug: str) -> Response:
        form = SecondLooksAskSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        pages = SecondLookPages()
        looks = second_looks_open(
            project_id=self.project.pk,
            reason=form.validated_data["reason"],
            stage_position=form.validated_data["stage"],
        )
        page = pages.paginate_queryset(looks, request, view=self) or []
        companions = companions_of(page)
        rows = [second_look_row(slug, look, companions) for look in page]
        return pages.get_paginated_response(SecondLookRowSerializer(rows, many=True).data)


class SecondLookSummary(ProjectView):
    """How much there is to look at, and what looking has brought."""

    required_role = Role.ADJUDICATOR

    @extend_schema(operation_id="second_look_summary", responses=SecondLookSummarySerializer)
    def get(self, request: Request, slug: str) -> Response:
        project_id = self.project.pk
        body = {
            "rounds": round_effects(project_id=project_id),
            "reasons": [{"reason": it, "n": n} for it, n in open_by_reason(project_id=project_id).items()],
            "stages": [{"stage_position": it, "n": n} for it, n in open_by_stage(project_id=project_id).items()],
            "is_training": active_run(project_id=project_id) is not None,
        }
        return Response(SecondLookSummarySerializer(body).data)


class SecondLookSettle(ProjectView):
    """The adjudicator's word on a doubt."""

    required_role = Role.ADJUDICATOR

    @extend_schema(operation_id="second_look_settle", request=SecondLookSettleSerializer, responses={204: None})
    def post(self, request: Request, slug: str, look_id: int) -> Response:
        form = SecondLookSettleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        second_look_settle(project=self.project, look_id=look_id, by=self.person, **form.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
