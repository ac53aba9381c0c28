"""The triage grid: many photos of one suggested stage, or about one boundary, on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.bench.serializers import ProgressSerializer, queue_item
from labeling.api.bench.views import BenchView
from labeling.api.triage.serializers import TriageReservedSerializer, TriageReserveSerializer, TriageSerializer
from labeling.models import TokenScope
from labeling.selectors.triage import GridOf, triage_counts
from labeling.services.triage import grid_take


class TriageView(BenchView):
    """What the grid can show."""

    @extend_schema(operation_id="triage_retrieve", responses=TriageSerializer, tags=["bench"])
    def get(self, request: Request, slug: str) -> Response:
        """Count the open photos of each stage and about each boundary."""
        return Response(TriageSerializer(triage_counts(project=self.project)).data)


class TriageReserveView(BenchView):
    """A page of the grid."""

    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.LABEL}

    @extend_schema(
        operation_id="triage_reserve",
        request=TriageReserveSerializer,
        responses=TriageReservedSerializer,
        tags=["bench"],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Hold photos for the grid. Those of another stage or boundary are given back."""
        form = TriageReserveSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        page = grid_take(
            project=self.project,
            annotator=self.person,
            of=GridOf(stage=wanted.get("stage"), boundary=wanted.get("boundary")),
            count=wanted["count"],
        )
        return Response({
            "items": [queue_item(slug, reservation) for reservation in page.reservations],
            "has_more": page.has_more,
            "progress": ProgressSerializer(self.progress()).data,
        })  # fmt: skip
