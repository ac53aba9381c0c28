"""The bench: reserve photos, decide on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.bench.serializers import (
    DecisionsAnsweredSerializer,
    DecisionsSerializer,
    ProgressSerializer,
    QueueStatusSerializer,
    ReleaseSerializer,
    ReservedSerializer,
    ReserveSerializer,
    queue_item,
)
from labeling.api.permissions import ProjectView
from labeling.domain.decisions import DecisionInput
from labeling.models import Role, TokenScope
from labeling.selectors.progress import Progress, progress_of, queue_status
from labeling.services.annotate import decisions_submit
from labeling.services.queue import reservations_release, reservations_take


class BenchView(ProjectView):
    """A view for those who decide."""

    required_role = Role.EXPERT

    def progress(self) -> Progress:
        return progress_of(project_id=self.project.pk, annotator_id=self.person.pk)


class QueueView(BenchView):
    """How far one has come."""

    @extend_schema(operation_id="queue_retrieve", responses=QueueStatusSerializer, tags=["bench"])
    def get(self, request: Request, slug: str) -> Response:
        now = queue_status(project_id=self.project.pk, annotator_id=self.person.pk)
        return Response(QueueStatusSerializer(now).data)


class QueueReserveView(BenchView):
    """Photos to decide on next."""

    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.LABEL}

    @extend_schema(
        operation_id="queue_reserve", request=ReserveSerializer, responses=ReservedSerializer, tags=["bench"]
    )
    def post(self, request: Request, slug: str) -> Response:
        form = ReserveSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        held = reservations_take(project=self.project, annotator=self.person, **form.validated_data)
        return Response({
            "items": [queue_item(slug, reservation) for reservation in held],
            "progress": ProgressSerializer(self.progress()).data,
        })  # fmt: skip


class QueueReleaseView(BenchView):
    """Photos given back."""

    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.LABEL}

    @extend_schema(operation_id="queue_release", request=ReleaseSerializer, responses={204: None}, tags=["bench"])
    def post(self, request: Request, slug: str) -> Response:
        """Give photos back undecided, so that others need not wait for the lease to end."""
        form = ReleaseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        reservations_release(project=self.project, annotator=self.person, **form.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DecisionsView(BenchView):
    """Decisions of the reader."""

    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.LABEL}

    @extend_schema(
        operation_id="decisions_submit",
        request=DecisionsSerializer,
        responses={201: DecisionsAnsweredSerializer},
        tags=["bench"],
    )
    def post(self, request: Request, slug: str) -> Response:
        form = DecisionsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        decisions = [DecisionInput(**decision) for decision in form.validated_data["decisions"]]
        results = decisions_submit(project=self.project, annotator=self.person, decisions=decisions)
        data = {"results": results, "progress": self.progress()}
        return Response(DecisionsAnsweredSerializer(data).data, status=status.HTTP_201_CREATED)
