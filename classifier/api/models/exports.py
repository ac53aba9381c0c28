"""Model versions in other formats: admins take them to phones and other programs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.models.serializers import ModelExportCreateSerializer, ModelExportSerializer
from classifier.selectors.model_exports import model_export_downloadable, model_export_get, model_exports_of
from classifier.selectors.runs import model_version_of_project
from classifier.services.model_export_requests import model_export_cancel, model_export_request
from labeling.api.downloads import stored_file
from labeling.api.permissions import ProjectView
from labeling.domain.errors import NotFound
from labeling.models import Role, TokenScope
from labeling.services.stored_bytes import bytes_range

ZIP_TYPE = "application/zip"


class ModelExportList(ProjectView):
    """The exports of a version; a new one."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.EXPORT, "POST": TokenScope.EXPORT}

    @extend_schema(operation_id="model_exports_list", responses=ModelExportSerializer(many=True))
    def get(self, request: Request, version_id: uuid.UUID, **kwargs: Any) -> Response:
        """List exports, newest first."""
        model_version_of_project(project_id=self.project.pk, model_version_id=version_id)
        exports = model_exports_of(project_id=self.project.pk, model_version_id=version_id)
        return Response(ModelExportSerializer(exports, many=True).data)

    @extend_schema(
        operation_id="model_export_create",
        request=ModelExportCreateSerializer,
        responses={
            201: ModelExportSerializer,
            200: OpenApiResponse(ModelExportSerializer, description="The same export is already on its way"),
        },
    )
    def post(self, request: Request, version_id: uuid.UUID, **kwargs: Any) -> Response:
        """Have a version written in another format. Asking twice is harmless while the first is on its way."""
        body = ModelExportCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        version = model_version_of_project(project_id=self.project.pk, model_version_id=version_id)
        export, is_new = model_export_request(
            version=version,
            format_name=body.validated_data["format"],
            licence=body.validated_data["licence"],
            created_by=self.person,
        )
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(ModelExportSerializer(export).data, status=code)


class ModelExportDetail(ProjectView):
    """One export of a version."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.EXPORT, "DELETE": TokenScope.EXPORT}

    @extend_schema(operation_id="model_export_detail", responses=ModelExportSerializer)
    def get(self, request: Request, version_id: uuid.UUID, model_export_id: int, **kwargs: Any) -> Response:
        """Show how far an export is."""
        export = model_export_get(
            project_id=self.project.pk, model_version_id=version_id, model_export_id=model_export_id
        )
        return Response(ModelExportSerializer(export).data)

    @extend_schema(operation_id="model_export_cancel", responses={204: None})
    def delete(self, request: Request, version_id: uuid.UUID, model_export_id: int, **kwargs: Any) -> Response:
        """Stop an export, or delete its file."""
        export = model_export_get(
            project_id=self.project.pk, model_version_id=version_id, model_export_id=model_export_id
        )
        model_export_cancel(export=export)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ModelExportDownload(ProjectView):
    """The file of an export."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.EXPORT}

    @extend_schema(operation_id="model_export_download", responses={(200, ZIP_TYPE): OpenApiTypes.BINARY})
    def get(self, request: Request, version_id: uuid.UUID, model_export_id: int, **kwargs: Any) -> HttpResponseBase:
        """Send the bundle; a Range header resumes where an earlier download broke off."""
        export = model_export_downloadable(
            project_id=self.project.pk, model_version_id=version_id, model_export_id=model_export_id
        )
        try:
            return stored_file(
                request,
                read=lambda start, stop: bytes_range(key=export.result, start=start, stop=stop),
                size=export.size,
                sha256=export.sha256,
                name=f"{self.project.slug}-v{export.model_version.number}-{export.format}.zip",
                content_type=ZIP_TYPE,
            )
        except FileNotFoundError:
            raise NotFound("export_expired", "The file of this export is no longer there. Export again.") from None
