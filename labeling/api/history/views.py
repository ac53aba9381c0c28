"""The history of a project, as a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from labeling.api.history.serializers import HistoryExportSerializer
from labeling.api.permissions import ProjectView
from labeling.models import Role, TokenScope
from labeling.selectors.history_export import history_blocks

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


class FirstRenderer(DefaultContentNegotiation):
    """Errors in JSON, whatever is accepted: to the framework ``?format=csv`` would name a renderer, and be unknown."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class HistoryExportView(ProjectView):
    """Every annotation, withdrawal and adjudication of a project."""

    required_role = Role.ADJUDICATOR
    content_negotiation_class = FirstRenderer
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.EXPORT}

    @extend_schema(
        operation_id="history_export",
        parameters=[HistoryExportSerializer],
        responses={
            (200, content_type.partition(";")[0]): OpenApiTypes.BINARY for content_type in CONTENT_TYPES.values()
        },
        tags=["photos"],
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Send the history as it is read; nothing is collected first."""
        form = HistoryExportSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        name = form.validated_data["format"]
        response = StreamingHttpResponse(
            history_blocks(project_id=self.project.pk, format=name), content_type=CONTENT_TYPES[name]
        )
        filename = f"{self.project.slug}-history-{timezone.now():%Y-%m-%d}.{name}"
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response
