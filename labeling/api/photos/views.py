"""Photos: sent by members, listed and looked at by experts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse, HttpResponseBase, HttpResponseNotModified
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.pagination import CursorPages
from labeling.api.permissions import ProjectView
from labeling.api.photos.serializers import (
    PhotoCheckResultSerializer,
    PhotoCheckSerializer,
    PhotoDetailSerializer,
    PhotoFilterSerializer,
    PhotoReceiptSerializer,
    PhotoRowSerializer,
    PhotoUploadSerializer,
)
from labeling.domain.errors import NotFound
from labeling.models import Role, TokenScope
from labeling.selectors.imports import import_get
from labeling.selectors.photos import (
    PhotoFilter,
    RenditionName,
    annotations_visible,
    largest_rendition,
    photo_get,
    photo_place,
    photo_viewable,
    photos_known,
    photos_listed,
)
from labeling.selectors.queue import photo_ids_held
from labeling.selectors.sites import plant_get, site_get
from labeling.services.imports import import_photo_receive
from labeling.services.photos import Location, PhotoReceived, PhotoRefused, photo_receive
from labeling.storage_keys import CONTENT_TYPES, rendition_key


class PayloadTooLarge(APIException):
    """413: not a rule of the domain but a limit of the door."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class PhotosView(ProjectView):
    """The photos of a project; a new one."""

    required_roles = {"GET": Role.EXPERT}  # noqa: RUF012 - read only, typed by the base class
    pagination_class = CursorPages
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.READ, "POST": TokenScope.IMPORT}

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()]

    @extend_schema(
        operation_id="photos_list", parameters=[PhotoFilterSerializer], responses=PhotoRowSerializer(many=True)
    )
    def get(self, request: Request, slug: str) -> Response:
        """List photos, newest first."""
        only = PhotoFilterSerializer(data=request.query_params)
        only.is_valid(raise_exception=True)
        photos = photos_listed(project=self.project, only=PhotoFilter(**only.validated_data))
        return _page(request, self, photos, PhotoRowSerializer, _context(self))

    @extend_schema(
        operation_id="photo_create",
        request={"multipart/form-data": PhotoUploadSerializer},
        responses={
            201: PhotoReceiptSerializer,
            200: OpenApiResponse(PhotoReceiptSerializer, description="The project has this photo already"),
        },
    )
    def post(self, request: Request, slug: str) -> Response:
        """Send one photo. Sending it again is harmless: it answers 200 with the photo there is."""
        body = PhotoUploadSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            received = self._receive(body.validated_data)
        except PhotoRefused as refusal:
            if refusal.code == "too_large":
                raise PayloadTooLarge(refusal.message) from refusal
            raise
        photo = received.photo
        receipt = {
            "id": photo.pk,
            "sha256": photo.sha256,
            "status": photo.status,
            "rejection": photo.rejection,
            "is_duplicate": not received.created,
        }
        code = status.HTTP_201_CREATED if received.created else status.HTTP_200_OK
        return Response(PhotoReceiptSerializer(receipt).data, status=code)

    def _receive(self, sent: dict[str, Any]) -> PhotoReceived:
        plant = plant_get(project=self.project, plant_id=sent["plant"]) if "plant" in sent else None
        site = site_get(project=self.project, site_id=sent["site"]) if "site" in sent else None
        if plant is not None and site is not None and plant.site_id != site.pk:
            raise NotFound("plant_not_found", "There is no such plant on this site.")
        photo: dict[str, Any] = {
            "stream": sent["file"],
            "original_name": sent["file"].name or "",
            "uploaded_by": self.person,
            "client_id": sent.get("client_id"),
            "site": site,
            "plant": plant,
            "taken_at": sent.get("taken_at"),
            "location": _location(sent),
        }
        if "import_batch" not in sent:
            return photo_receive(project=self.project, **photo)
        self.require(Role.ADMIN)
        batch = import_get(project=self.project, import_batch_id=sent["import_batch"])
        return import_photo_receive(batch=batch, stage_slug=sent.get("stage", ""), **photo)


class PhotoCheckView(ProjectView):
    """Which photos need not be sent."""

    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.IMPORT}

    @extend_schema(operation_id="photos_check", request=PhotoCheckSerializer, responses=PhotoCheckResultSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Say which of up to 500 hashes the project has. Hashing costs a phone less than sending."""
        body = PhotoCheckSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        known = photos_known(project=self.project, sha256s=body.validated_data["sha256"])
        return Response({"known": [{"sha256": sha256, "id": pk} for sha256, pk in known]})


class PhotoDetailView(ProjectView):
    """One photo."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="photo_detail", responses=PhotoDetailSerializer)
    def get(self, request: Request, slug: str, photo_id: int) -> Response:
        """Show a photo with the annotations this person may see."""
        photo = photo_get(project=self.project, photo_id=photo_id)
        context = {
            **_context(self),
            "place": photo_place(photo=photo, user=self.person),
            "annotations": annotations_visible(photo=photo, user=self.person, role=self.role),
        }
        return Response(PhotoDetailSerializer(photo, context=context).data)


class RenditionView(ProjectView):
    """The pixels of a photo."""

    @extend_schema(operation_id="photo_rendition", responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, photo_id: int, name: RenditionName) -> HttpResponseBase:
        """Send a rendition. It never changes, so browsers keep it; only this person's browser may (``private``)."""
        photo = photo_viewable(project=self.project, photo_id=photo_id, user=self.person, role=self.role)
        if not photo.has_picture:
            raise NotFound("rendition_not_found", "This photo has no picture to show.")
        if name == "full":
            name = largest_rendition(photo=photo)
        etag = f'"{photo.sha256[:32]}-{name}"'
        if etag in request.headers.get("If-None-Match", ""):
            return _guarded(HttpResponseNotModified(), etag)
        key = rendition_key(photo.sha256, name)
        if settings.ACCEL_PREFIX:
            # The web server sends the file itself, from a location that nobody can ask for directly.
            redirect = HttpResponse(content_type=CONTENT_TYPES[name])
            redirect["X-Accel-Redirect"] = f"{settings.ACCEL_PREFIX}{key}"
            return _guarded(redirect, etag)
        try:
            stored = default_storage.open(key, "rb")
        except FileNotFoundError:
            raise NotFound("rendition_not_found", "This photo has no picture to show.") from None
        return _guarded(FileResponse(stored, content_type=CONTENT_TYPES[name]), etag)


def _guarded(response: HttpResponse | FileResponse, etag: str) -> HttpResponseBase:
    """Bytes from strangers: never sniffed, never run, even when opened as a page of their own."""
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _location(sent: dict[str, Any]) -> Location | None:
    """A position counts only with consent; without it, it is dropped here and reaches no table."""
    if "latitude" not in sent or "consent_version" not in sent:
        return None
    return Location(sent["latitude"], sent["longitude"], sent["consent_version"])


def _page(request: Request, view: ProjectView, photos: Any, serializer: Any, context: dict[str, Any]) -> Response:
    pages = CursorPages()
    rows: Any = pages.paginate_queryset(photos, request, view=view)
    return pages.get_paginated_response(serializer(rows, many=True, context=context).data)


def _context(view: ProjectView) -> dict[str, Any]:
    sees_gold = view.role.includes(Role.ADJUDICATOR)
    is_asked = view.role.includes(Role.EXPERT) and not sees_gold
    return {
        "slug": view.project.slug,
        "user_id": view.person.pk,
        "sees_gold": sees_gold,
        "held": photo_ids_held(project_id=view.project.pk, annotator_id=view.person.pk) if is_asked else frozenset(),
    }
