"""Sites and plants of a project; any member may add one, since growers know their own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.permissions import ProjectView
from labeling.api.sites.serializers import (
    PlantCreateSerializer,
    PlantSerializer,
    SiteCreateSerializer,
    SiteSerializer,
)
from labeling.models import TokenScope
from labeling.selectors.sites import site_get, sites_with_plants
from labeling.services.sites import plant_get_or_create, site_get_or_create


def _made(*, is_new: bool) -> int:
    return status.HTTP_201_CREATED if is_new else status.HTTP_200_OK


class SitesView(ProjectView):
    """All sites; a new one."""

    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.READ, "POST": TokenScope.IMPORT}

    @extend_schema(operation_id="sites_list", responses=SiteSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List sites with their plants."""
        return Response(SiteSerializer(sites_with_plants(project=self.project), many=True).data)

    @extend_schema(
        operation_id="site_create", request=SiteCreateSerializer, responses={201: SiteSerializer, 200: SiteSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add a site; a name that is taken answers 200 with the site that has it."""
        body = SiteCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        site, is_new = site_get_or_create(project=self.project, name=body.validated_data["name"])
        return Response(SiteSerializer(site).data, status=_made(is_new=is_new))


class PlantsView(ProjectView):
    """Plants of a site."""

    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.IMPORT}

    @extend_schema(
        operation_id="plant_create",
        request=PlantCreateSerializer,
        responses={201: PlantSerializer, 200: PlantSerializer},
    )
    def post(self, request: Request, slug: str, site_id: int) -> Response:
        """Add a plant; a name that is taken answers 200 with the plant that has it."""
        body = PlantCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        site = site_get(project=self.project, site_id=site_id)
        plant, is_new = plant_get_or_create(site=site, name=body.validated_data["name"])
        return Response(PlantSerializer(plant).data, status=_made(is_new=is_new))
