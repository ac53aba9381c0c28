"""Imports: admins bring in many photos and watch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.downloads import attachment
from labeling.api.imports.serializers import (
    ImportCreateSerializer,
    ImportDetailSerializer,
    ImportReportRowSerializer,
    ImportSerializer,
)
from labeling.api.pagination import CursorPages
from labeling.api.permissions import ProjectView
from labeling.models import ImportBatch, Role, TokenScope
from labeling.selectors.imports import import_get, import_report, import_shown, imports_listed
from labeling.selectors.uploads import upload_get
from labeling.services.archive_uploads import upload_drop, upload_opened
from labeling.services.import_report import report_csv
from labeling.services.imports import import_cancel, import_start

RECENT = 100


class ReportPages(CursorPages):
    """In the order of the report."""

    page_size = 200
    ordering = "id"


class ImportsView(ProjectView):
    """The imports of a project; a new one."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.IMPORT, "POST": TokenScope.IMPORT}

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()]

    @extend_schema(operation_id="imports_list", responses=ImportSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the latest imports. What each refused is in its own report."""
        return Response(ImportSerializer(imports_listed(project=self.project, count=RECENT), many=True).data)

    @extend_schema(
        operation_id="import_create",
        request={"multipart/form-data": ImportCreateSerializer},
        responses={201: ImportSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Start an import: of an archive in the background, or an open batch that photos name.

        A dry run tells what would come in and what would be refused. Its archive is kept for a day.
        """
        body = ImportCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        batch = self._started(dict(body.validated_data))
        return Response(
            ImportSerializer(import_shown(project=self.project, import_batch_id=batch.pk)).data, status.HTTP_201_CREATED
        )

    def _started(self, sent: dict[str, Any]) -> ImportBatch:
        given = {
            "project": self.project,
            "created_by": self.person,
            "is_browser_batch": not sent.keys() & {"archive", "upload", "rehearsal"},
            "is_dry_run": sent.pop("dry_run"),
        }
        if "rehearsal" in sent:
            sent["rehearsal"] = import_get(project=self.project, import_batch_id=sent["rehearsal"])
        if "upload" not in sent:
            return import_start(**given, **sent)
        upload = upload_get(project=self.project, user=self.person, upload_id=sent.pop("upload"))
        with upload_opened(upload) as archive:
            batch = import_start(**given, **sent, archive=archive)
        upload_drop(upload=upload)
        return batch


class ImportDetailView(ProjectView):
    """One import."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.IMPORT}

    @extend_schema(operation_id="import_detail", responses=ImportDetailSerializer)
    def get(self, request: Request, slug: str, import_batch_id: int) -> Response:
        """Show how far an import is and what it refused."""
        shown = import_shown(project=self.project, import_batch_id=import_batch_id)
        return Response(ImportDetailSerializer(shown).data)


class ImportCancelView(ProjectView):
    """The end of an import, before it is through."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.IMPORT}

    @extend_schema(operation_id="import_cancel", request=None, responses=ImportDetailSerializer)
    def post(self, request: Request, slug: str, import_batch_id: int) -> Response:
        """Stop an import within seconds. What came in stays, and so does its report; asking twice is harmless."""
        import_cancel(batch=import_get(project=self.project, import_batch_id=import_batch_id))
        shown = import_shown(project=self.project, import_batch_id=import_batch_id)
        return Response(ImportDetailSerializer(shown).data)


class ImportReportView(ProjectView):
    """What an import refused."""

    required_role = Role.ADMIN
    pagination_class = ReportPages
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.IMPORT}

    @extend_schema(operation_id="import_report_list", responses=ImportReportRowSerializer(many=True))
    def get(self, request: Request, slug: str, import_batch_id: int) -> Response:
        """List every row that was refused and why, in order."""
        batch = import_get(project=self.project, import_batch_id=import_batch_id)
        pages = self.pagination_class()
        rows = pages.paginate_queryset(import_report(batch=batch), request, view=self)
        return pages.get_paginated_response(ImportReportRowSerializer(rows, many=True).data)


class ImportReportFileView(ProjectView):
    """What an import refused, to save."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.IMPORT}

    @extend_schema(operation_id="import_report_file", responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, import_batch_id: int) -> HttpResponseBase:
        """Send every row that was refused and why, as CSV."""
        batch = import_get(project=self.project, import_batch_id=import_batch_id)
        return attachment(
            report_csv(batch=batch), name=f"{slug}-import-{batch.pk}.csv", content_type="text/csv; charset=utf-8"
        )
