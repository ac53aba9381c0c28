"""The dashboard: where a project stands, and its plants through a season."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.dashboard.serializers import (
    DashboardSerializer,
    PlantSeasonSerializer,
    PlantsQuerySerializer,
    dashboard_data,
)
from classifier.selectors.dashboards import dashboard_of, plant_season, weeks_of_plants
from classifier.services.dashboard_requests import dashboard_request
from labeling.api.pagination import CursorPages
from labeling.api.permissions import ProjectView
from labeling.models import Role
from labeling.selectors.plant_weeks import plants_photographed


class DashboardView(ProjectView):
    """The latest figures, and what to do next; an admin may ask for new ones."""

    required_role = Role.ADJUDICATOR
    required_roles: ClassVar[Mapping[str, Role]] = {"POST": Role.ADMIN}

    @extend_schema(operation_id="dashboard_retrieve", responses=DashboardSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(DashboardSerializer(dashboard_data(dashboard_of(project=self.project))).data)

    @extend_schema(operation_id="dashboard_compute", request=None, responses={202: None})
    def post(self, request: Request, slug: str) -> Response:
        dashboard_request(project_id=self.project.pk)
        return Response(status=status.HTTP_202_ACCEPTED)


class PlantPages(CursorPages):
    """As many plants as fit on a screen, in the order in which they came."""

    page_size = 20
    ordering = "id"


class DashboardPlants(ProjectView):
    """Plants in a season, week by week."""

    required_role = Role.ADJUDICATOR
    pagination_class = PlantPages

    @extend_schema(
        operation_id="dashboard_plants",
        parameters=[PlantsQuerySerializer],
        responses=PlantSeasonSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        wanted = PlantsQuerySerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        season = plant_season(project=self.project, year=wanted.validated_data["season"])
        flagged = season.flagged if wanted.validated_data["flagged"] else None
        plants = plants_photographed(project=self.project, first=season.first, end=season.end, flagged=flagged)
        pages = PlantPages()
        page = pages.paginate_queryset(plants, request, view=self) or []
        weeks = weeks_of_plants(
            project=self.project, plant_ids=[it.pk for it in page], season=season, reader_id=self.person.pk
        )
        rows = [{"id": it.pk, "name": it.name, "site": it.site.name, "weeks": weeks[it.pk]} for it in page]
        return pages.get_paginated_response(PlantSeasonSerializer(rows, many=True).data)
