"""A sender's own photos. Nobody sees those of others here, whatever their role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.my_photos.serializers import (
    LocationConsentGiveSerializer,
    LocationConsentSerializer,
    LocationConsentWithdrawnSerializer,
    MyPhotoChangeSerializer,
    MyPhotoSerializer,
    MyPhotosFilterSerializer,
    NewsQuerySerializer,
    NewsSerializer,
    PlotSerializer,
    WithdrawnSerializer,
)
from labeling.api.pagination import CursorPages
from labeling.api.permissions import ProjectView, SignedInView
from labeling.models import TokenScope
from labeling.selectors.my_photos import decided_after, location_consent, my_news, my_photo_get, my_photos, my_plots
from labeling.services.consents import location_consent_give, location_consent_withdraw
from labeling.services.photos import photo_date_set
from labeling.services.withdrawals import photo_withdraw


class MyPhotosView(ProjectView):
    """What I sent."""

    pagination_class = CursorPages

    @extend_schema(
        operation_id="my_photos_list", parameters=[MyPhotosFilterSerializer], responses=MyPhotoSerializer(many=True)
    )
    def get(self, request: Request, slug: str) -> Response:
        """List what I sent, newest first, each with its answer if there is one."""
        only = MyPhotosFilterSerializer(data=request.query_params)
        only.is_valid(raise_exception=True)
        photos = my_photos(project=self.project, user=self.person)
        if "since" in only.validated_data:
            photos = photos.filter(decided_after(only.validated_data["since"]))
        pages = self.pagination_class()
        rows: Any = pages.paginate_queryset(photos, request, view=self)
        return pages.get_paginated_response(MyPhotoSerializer(rows, many=True, context={"slug": slug}).data)


class MyPhotoView(ProjectView):
    """One photo I sent."""

    token_scopes: ClassVar[Mapping[str, TokenScope]] = {
        "GET": TokenScope.READ,
        "PATCH": TokenScope.IMPORT,
        "DELETE": TokenScope.IMPORT,
    }

    @extend_schema(operation_id="my_photo_retrieve", responses=MyPhotoSerializer)
    def get(self, request: Request, slug: str, photo_id: int) -> Response:
        """Show it with its answer."""
        return self._shown(photo_id)

    @extend_schema(operation_id="my_photo_update", request=MyPhotoChangeSerializer, responses=MyPhotoSerializer)
    def patch(self, request: Request, slug: str, photo_id: int) -> Response:
        """Say when it was taken, if neither the camera nor anybody else has."""
        body = MyPhotoChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        photo_date_set(
            project=self.project, user=self.person, photo_id=photo_id, taken_at=body.validated_data["taken_at"]
        )
        return self._shown(photo_id)

    @extend_schema(operation_id="my_photo_withdraw", request=None, responses=WithdrawnSerializer)
    def delete(self, request: Request, slug: str, photo_id: int) -> Response:
        """Take it back: deleted while nobody has said anything about it, else released from its sender."""
        outcome = photo_withdraw(project=self.project, user=self.person, photo_id=photo_id)
        return Response(WithdrawnSerializer({"outcome": outcome}).data)

    def _shown(self, photo_id: int) -> Response:
        photo = my_photo_get(project=self.project, user=self.person, photo_id=photo_id)
        return Response(MyPhotoSerializer(photo, context={"slug": self.project.slug}).data)


class MyNewsView(ProjectView):
    """What is new."""

    @extend_schema(operation_id="my_news", parameters=[NewsQuerySerializer], responses=NewsSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Count my photos that were decided after a moment."""
        asked = NewsQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        news = my_news(project=self.project, user=self.person, since=asked.validated_data["since"])
        return Response(NewsSerializer(news).data)


class MyPlotsView(ProjectView):
    """My plots through time."""

    @extend_schema(operation_id="my_plots_list", responses=PlotSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the timelines of plants and sites I sent photos of, latest first."""
        plots = my_plots(project=self.project, user=self.person)
        return Response(PlotSerializer(plots, many=True, context={"slug": slug}).data)


class LocationConsentView(SignedInView):
    """Whether places of my photos may be kept. One answer for all projects."""

    @extend_schema(operation_id="location_consent_retrieve", responses=LocationConsentSerializer)
    def get(self, request: Request) -> Response:
        """Show what I agreed to."""
        return self._shown()

    @extend_schema(
        operation_id="location_consent_give", request=LocationConsentGiveSerializer, responses=LocationConsentSerializer
    )
    def put(self, request: Request) -> Response:
        """Agree to the words of a version."""
        body = LocationConsentGiveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        location_consent_give(user=self.person, version=body.validated_data["version"])
        return self._shown()

    @extend_schema(operation_id="location_consent_withdraw", request=None, responses=LocationConsentWithdrawnSerializer)
    def delete(self, request: Request) -> Response:
        """Take it back: every place of my photos is deleted, and none is kept until I agree again."""
        return Response({"n_deleted": location_consent_withdraw(user=self.person)})

    def _shown(self) -> Response:
        return Response(LocationConsentSerializer(location_consent(user=self.person)).data)
