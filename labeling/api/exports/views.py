"""Exports: adjudicators and admins take the labels (and photos) with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.downloads import attachment, stored_file
from labeling.api.exports.serializers import (
    STREAMED_NAMES,
    ExportCreateSerializer,
    ExportFormatDetailSerializer,
    ExportRowSerializer,
    ExportSerializer,
    ExportStreamSerializer,
)
from labeling.api.pagination import CursorPages
from labeling.api.permissions import ProjectView
from labeling.domain.errors import NotFound
from labeling.models import Role, TokenScope
from labeling.selectors.exports import export_downloadable, export_get, exports_of
from labeling.services.export_formats.catalogue import FORMATS, ZIP_TYPE, is_bundle
from labeling.services.exports import ExportOrder, export_cancel, export_request, export_stream
from labeling.services.stored_bytes import bytes_range

FILE_TYPES = sorted({ZIP_TYPE, *(spec.content_type.partition(";")[0] for spec in FORMATS.values())})
TABLE_TYPES = [FORMATS[name].content_type.partition(";")[0] for name, _ in STREAMED_NAMES]


class ExportsView(ProjectView):
    """The exports of a project; a new one."""

    required_role = Role.ADJUDICATOR
    pagination_class = CursorPages
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.EXPORT, "POST": TokenScope.EXPORT}

    @extend_schema(operation_id="exports_list", responses=ExportRowSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List exports, newest first."""
        pages = self.pagination_class()
        rows = pages.paginate_queryset(exports_of(project=self.project), request, view=self)
        return pages.get_paginated_response(ExportRowSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="export_create",
        request=ExportCreateSerializer,
        responses={
            201: ExportSerializer,
            200: OpenApiResponse(ExportSerializer, description="The same export is already on its way"),
        },
    )
    def post(self, request: Request, slug: str) -> Response:
        """Have an export made. Asking twice is harmless while the first is on its way."""
        body = ExportCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        order = ExportOrder(**body.validated_data)
        job, is_new = export_request(project=self.project, order=order, created_by=self.person)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(ExportSerializer(job).data, status=code)


class ExportFormatsView(ProjectView):
    """The formats of exports."""

    required_role = Role.ADJUDICATOR

    @extend_schema(operation_id="export_formats", responses=ExportFormatDetailSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List what can be exported, and with which rows and photos."""
        return Response(ExportFormatDetailSerializer(FORMATS.values(), many=True).data)


class ExportDetailView(ProjectView):
    """One export."""

    required_role = Role.ADJUDICATOR
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.EXPORT, "DELETE": TokenScope.EXPORT}

    @extend_schema(operation_id="export_detail", responses=ExportSerializer)
    def get(self, request: Request, slug: str, export_id: int) -> Response:
        """Show how far an export is, and its card."""
        return Response(ExportSerializer(export_get(project=self.project, export_id=export_id)).data)

    @extend_schema(operation_id="export_cancel", responses={204: None})
    def delete(self, request: Request, slug: str, export_id: int) -> Response:
        """Stop an export, or delete its file."""
        export_cancel(job=export_get(project=self.project, export_id=export_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ExportDownloadView(ProjectView):
    """The file of an export."""

    required_role = Role.ADJUDICATOR
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.EXPORT}

    @extend_schema(
        operation_id="export_download",
        responses={(200, content_type): OpenApiTypes.BINARY for content_type in FILE_TYPES},
    )
    def get(self, request: Request, slug: str, export_id: int) -> HttpResponseBase:
        """Send the file; a Range header resumes where an earlier download broke off."""
        job = export_downloadable(project=self.project, export_id=export_id)
        spec = FORMATS[job.format]
        suffix, content_type = ("zip", ZIP_TYPE) if is_bundle(job.photos) else (spec.suffix, spec.content_type)
        try:
            return stored_file(
                request,
                read=lambda start, stop: bytes_range(key=job.result, start=start, stop=stop),
                size=job.size,
                sha256=job.sha256,
                name=f"{slug}-{job.format}-{job.unit}-{job.pk}.{suffix}",
                content_type=content_type,
            )
        except FileNotFoundError:
            raise NotFound("export_expired", "The file of this export is no longer there. Export again.") from None


class ExportStreamView(ProjectView):
    """A table, without waiting for a worker."""

    required_role = Role.ADJUDICATOR
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.EXPORT}

    @extend_schema(
        operation_id="export_stream",
        parameters=[ExportStreamSerializer],
        responses={(200, content_type): OpenApiTypes.BINARY for content_type in TABLE_TYPES},
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Send labels as CSV or JSON Lines while they are read."""
        asked = ExportStreamSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        order = ExportOrder(format=wanted.pop("table"), photos="none", **wanted)
        spec, pieces = export_stream(project=self.project, order=order)
        return attachment(pieces, name=f"{slug}-{order.unit}.{spec.suffix}", content_type=spec.content_type)
