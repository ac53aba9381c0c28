"""Large archives, sent in chunks by whoever imports them, and taken up again where they broke off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.permissions import ProjectView
from labeling.api.uploads.serializers import UploadChunkSerializer, UploadOpenSerializer, UploadSerializer
from labeling.models import Role, TokenScope
from labeling.selectors.uploads import upload_get, uploads_of
from labeling.services.archive_uploads import upload_chunk_keep, upload_drop, upload_open


class UploadsView(ProjectView):
    """One's own files on their way; a new one."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.IMPORT, "POST": TokenScope.IMPORT}

    @extend_schema(operation_id="uploads_list", responses=UploadSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the files that you have begun to send and not imported."""
        return Response(UploadSerializer(uploads_of(project=self.project, user=self.person), many=True).data)

    @extend_schema(
        operation_id="upload_open",
        request=UploadOpenSerializer,
        responses={
            201: UploadSerializer,
            200: OpenApiResponse(UploadSerializer, description="Some of it has arrived before: go on behind that"),
        },
    )
    def post(self, request: Request, slug: str) -> Response:
        """Begin to send a file in chunks, or go on with one. An import takes it by its id once it is whole."""
        body = UploadOpenSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        upload, is_new = upload_open(project=self.project, user=self.person, **body.validated_data)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(UploadSerializer(upload).data, status=code)


class UploadDetailView(ProjectView):
    """One file on its way."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.IMPORT, "DELETE": TokenScope.IMPORT}

    @extend_schema(operation_id="upload_detail", responses=UploadSerializer)
    def get(self, request: Request, slug: str, upload_id: int) -> Response:
        """Show how much of a file has arrived."""
        upload = upload_get(project=self.project, user=self.person, upload_id=upload_id)
        return Response(UploadSerializer(upload).data)

    @extend_schema(operation_id="upload_discard", responses={204: None})
    def delete(self, request: Request, slug: str, upload_id: int) -> Response:
        """Discard what has arrived of a file."""
        upload_drop(upload=upload_get(project=self.project, user=self.person, upload_id=upload_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class UploadChunkView(ProjectView):
    """One chunk of a file."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"PUT": TokenScope.IMPORT}

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()]

    @extend_schema(
        operation_id="upload_chunk",
        request={"multipart/form-data": UploadChunkSerializer},
        responses=UploadSerializer,
    )
    def put(self, request: Request, slug: str, upload_id: int, index: int) -> Response:
        """Send the next chunk, numbered from 0. Sending one again is harmless."""
        body = UploadChunkSerializer(data=request.data)
        upload = upload_get(project=self.project, user=self.person, upload_id=upload_id)
        body.is_valid(raise_exception=True)
        kept = upload_chunk_keep(upload=upload, index=index, chunk=body.validated_data["chunk"])
        return Response(UploadSerializer(kept).data)
