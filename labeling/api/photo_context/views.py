"""What stands around a photo: the same plant in time, its history, a stage known by decree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.permissions import ProjectView
from labeling.api.photo_context.serializers import (
    GoldSerializer,
    PhotoHistorySerializer,
    PlantStripSerializer,
    history_data,
    plant_strip_data,
)
from labeling.models import Role, TokenScope
from labeling.selectors.history import photo_history
from labeling.selectors.plant_strip import plant_strip
from labeling.services.gold import gold_declare, gold_withdraw


class PlantStripView(ProjectView):
    """The same plant in time."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="photo_plant", responses=PlantStripSerializer, tags=["bench"])
    def get(self, request: Request, slug: str, photo_id: int) -> Response:
        """Show photos of the same plant in time order, at most 60 around this one."""
        strip = plant_strip(project=self.project, photo_id=photo_id, reader=self.person)
        return Response(PlantStripSerializer(plant_strip_data(slug, strip)).data)


class PhotoHistoryView(ProjectView):
    """What happened to a photo."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="photo_history", responses=PhotoHistorySerializer, tags=["bench"])
    def get(self, request: Request, slug: str, photo_id: int) -> Response:
        """List what happened; an expert sees what others said only after deciding."""
        events = photo_history(project=self.project, photo_id=photo_id, reader=self.person, role=self.role)
        return Response(PhotoHistorySerializer(history_data(events)).data)


class PhotoGoldView(ProjectView):
    """A stage known by decree."""

    required_role = Role.ADJUDICATOR
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"PUT": TokenScope.LABEL, "DELETE": TokenScope.LABEL}

    @extend_schema(operation_id="photo_gold_set", request=GoldSerializer, responses={204: None}, tags=["photos"])
    def put(self, request: Request, slug: str, photo_id: int) -> Response:
        """Declare what the photo shows; it measures experts from now on."""
        form = GoldSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        gold_declare(
            project=self.project,
            photo_id=photo_id,
            stage_position=form.validated_data["stage"],
            by=self.person,
            scale_id=form.validated_data["scale"],
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="photo_gold_delete", request=None, responses={204: None}, tags=["photos"])
    def delete(self, request: Request, slug: str, photo_id: int) -> Response:
        """Withdraw the decree: the photo is what its annotations say again."""
        gold_withdraw(project=self.project, photo_id=photo_id, by=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)
