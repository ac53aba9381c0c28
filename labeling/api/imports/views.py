"""Imports: admins bring in many photos and watch."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.imports.serializers import ImportCreateSerializer, ImportSerializer
from labeling.api.permissions import ProjectView
from labeling.models import ImportBatch, Role
from labeling.selectors.imports import import_get, import_report, imports_of
from labeling.services.imports import import_start

RECENT = 100


class ImportsView(ProjectView):
    """The imports of a project; a new one."""

    required_role = Role.ADMIN

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()]

    @extend_schema(operation_id="imports_list", responses=ImportSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the latest imports. What the pixels showed later is in the report of each on its own."""
        return Response(ImportSerializer(imports_of(project=self.project)[:RECENT], many=True).data)

    @extend_schema(
        operation_id="import_create",
        request={"multipart/form-data": ImportCreateSerializer},
        responses={201: ImportSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Start an import: of a ZIP in the background, or an open batch that photos name."""
        body = ImportCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        archive = body.validated_data.pop("archive", None)
        batch = import_start(
            project=self.project,
            created_by=self.person,
            archive=archive,
            is_browser_batch=archive is None,
            **body.validated_data,
        )
        return Response(_detail(import_get(project=self.project, import_batch_id=batch.pk)), status.HTTP_201_CREATED)


class ImportDetailView(ProjectView):
    """One import."""

    required_role = Role.ADMIN

    @extend_schema(operation_id="import_detail", responses=ImportSerializer)
    def get(self, request: Request, slug: str, import_batch_id: int) -> Response:
        """Show how far an import is and what it refused."""
        return Response(_detail(import_get(project=self.project, import_batch_id=import_batch_id)))


def _detail(batch: ImportBatch) -> Any:
    batch.report = import_report(batch=batch)
    return ImportSerializer(batch).data
