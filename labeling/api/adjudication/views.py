"""Settling what experts disagree on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.adjudication.serializers import (
    AdjudicationRowSerializer,
    AdjudicationSettleSerializer,
    adjudication_row,
)
from labeling.api.pagination import CursorPages
from labeling.api.permissions import ProjectView
from labeling.models import Role, TokenScope
from labeling.selectors.adjudications import adjudications_open
from labeling.services.adjudicate import adjudication_settle


class AdjudicationPages(CursorPages):
    """The largest disagreement first, then the oldest; index ``adjudication_open``."""

    page_size = 20
    ordering = ("-stage_gap", "opened_at", "photo_id")


class AdjudicationsView(ProjectView):
    """Photos waiting for an adjudicator."""

    required_role = Role.ADJUDICATOR

    @extend_schema(
        operation_id="adjudications_list",
        parameters=[OpenApiParameter("cursor", str)],
        responses=inline_serializer(
            "AdjudicationPage",
            {
                "results": AdjudicationRowSerializer(many=True),
                "next": serializers.CharField(allow_null=True),
            },
        ),
        tags=["adjudication"],
    )
    def get(self, request: Request, slug: str) -> Response:
        pages = AdjudicationPages()
        page = pages.paginate_queryset(adjudications_open(project_id=self.project.pk), request, view=self)
        rows = [adjudication_row(slug, adjudication) for adjudication in page or []]
        return pages.get_paginated_response(AdjudicationRowSerializer(rows, many=True).data)


class AdjudicationSettleView(ProjectView):
    """The adjudicator's word on a photo."""

    required_role = Role.ADJUDICATOR
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.LABEL}

    @extend_schema(
        operation_id="adjudication_settle",
        request=AdjudicationSettleSerializer,
        responses={204: None},
        tags=["adjudication"],
    )
    def post(self, request: Request, slug: str, photo_id: int) -> Response:
        form = AdjudicationSettleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        stage_position, scale_id = form.validated_data.pop("stage"), form.validated_data.pop("scale")
        adjudication_settle(
            project=self.project,
            photo_id=photo_id,
            by=self.person,
            stage_position=stage_position,
            scale_id=scale_id,
            **form.validated_data,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
