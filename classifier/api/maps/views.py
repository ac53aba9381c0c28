"""The map of a project's photos: where they lie, which they are, and what they are coloured by.

Points, ids and columns are plain numbers in one order, little-endian, so that a browser uses them as they come: a
million points are 4 MB, a column of them is one.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import struct

import numpy as np
import numpy.typing as npt
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.maps.serializers import MapStatusSerializer, PointsAskSerializer, map_status_body
from classifier.models import PhotoMap
from classifier.selectors.map_columns import column_names, map_column
from classifier.selectors.photo_maps import map_status, photo_ids_not_shown, photo_map_get
from classifier.services.map_store import map_points
from classifier.services.photo_map_requests import photo_map_request
from labeling.api.permissions import ProjectView
from labeling.domain.errors import NotFound
from labeling.models import Role

HIDDEN = 65_535
"""Both coordinates of a photo that the reader may not see there; its id is 0."""
_BINARY = {(200, "application/octet-stream"): OpenApiTypes.BINARY}
_SMALL = 1024


class MapView(ProjectView):
    """The map that is shown, and how a newer one is coming along."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="map_retrieve", responses=MapStatusSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Say what there is to see."""
        return Response(self._body())

    @extend_schema(operation_id="map_request", request=None, responses={202: MapStatusSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Have the photos laid out as they are now."""
        photo_map_request(project=self.project)
        return Response(self._body(), status=status.HTTP_202_ACCEPTED)

    def _body(self) -> dict[str, object]:
        body = map_status_body(map_status(project=self.project), column_names(role=self.role))
        return dict(MapStatusSerializer(body).data)


class _OfMap(ProjectView):
    """Numbers of a map, for who may see it."""

    required_role = Role.EXPERT

    @property
    def sees_all(self) -> bool:
        """Whether nothing is kept from this reader; what is kept from others changes with the queue."""
        return self.role.includes(Role.ADJUDICATOR)

    def masked(self) -> frozenset[int]:
        """Photos that this reader must not find on the map."""
        if self.sees_all:
            return frozenset()
        return photo_ids_not_shown(project=self.project, reader=self.person)

    def found(self, map_id: int) -> PhotoMap:
        return photo_map_get(project=self.project, map_id=map_id)


class MapPointsView(_OfMap):
    """Where the photos lie."""

    @extend_schema(operation_id="map_points", parameters=[PointsAskSerializer], responses=_BINARY)
    def get(self, request: Request, slug: str, map_id: int) -> HttpResponseBase:
        """Two numbers of two bytes a photo, 0 to 65000: all the first ones, then all the second ones."""
        form = PointsAskSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        part = slice(form.validated_data["start"], form.validated_data["stop"])
        stored = map_points(photo_map=self.found(map_id))
        points, masked = stored.points[part], self.masked()
        if masked:
            points = points.copy()
            points[np.isin(stored.photo_ids[part], list(masked))] = HIDDEN
        data = np.ascontiguousarray(points.T, "<u2").tobytes()
        return _numbers(request, data, is_final=self.sees_all, is_packed=False)  # the digits of places are noise


class MapPhotosView(_OfMap):
    """Which photo each point is."""

    @extend_schema(operation_id="map_photos", responses=_BINARY)
    def get(self, request: Request, slug: str, map_id: int) -> HttpResponseBase:
        """Ids, four bytes each, in the order of the points."""
        ids = map_points(photo_map=self.found(map_id)).photo_ids
        masked = self.masked()
        if masked:
            ids = np.where(np.isin(ids, list(masked)), 0, ids)
        return _numbers(request, ids.astype("<u4").tobytes(), is_final=self.sees_all)


class MapColumnView(_OfMap):
    """What the photos are coloured and filtered by."""

    @extend_schema(operation_id="map_column", responses=_BINARY)
    def get(self, request: Request, slug: str, map_id: int, column: str) -> HttpResponseBase:
        """The length of a JSON text ``{"labels": [...]}`` in four bytes, the text, and a byte a photo."""
        if column not in column_names(role=self.role):
            raise NotFound("column_not_found", "There is no such column.")
        made = map_column(
            project=self.project,
            name=column,
            role=self.role,
            photo_ids=map_points(photo_map=self.found(map_id)).photo_ids,
            masked=self.masked(),
        )
        return _numbers(request, _headed({"labels": made.labels}, made.codes), is_final=False)


def _headed(header: dict[str, list[str]], codes: npt.NDArray[np.uint8]) -> bytes:
    text = json.dumps(header, ensure_ascii=False).encode()
    return struct.pack("<I", len(text)) + text + codes.tobytes()


def _numbers(request: Request, data: bytes, *, is_final: bool, is_packed: bool = True) -> HttpResponseBase:
    """Bytes for one reader's browser alone. What never changes is kept; the rest is asked for again by its tag."""
    etag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    response: HttpResponse
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        is_packed = is_packed and len(data) > _SMALL and "gzip" in request.headers.get("Accept-Encoding", "")
        body = gzip.compress(data, compresslevel=1) if is_packed else data
        response = HttpResponse(body, content_type="application/octet-stream")
        if is_packed:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = etag
    response["Vary"] = "Accept-Encoding, Cookie"
    response["Cache-Control"] = "private, max-age=31536000, immutable" if is_final else "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response
