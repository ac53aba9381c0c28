"""Projects and their scales."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.permissions import ProjectView, SignedInView
from labeling.api.projects.serializers import (
    ProjectBriefSerializer,
    ProjectCreateSerializer,
    ProjectSerializer,
    ProjectUpdateSerializer,
    ScaleTemplateSerializer,
    project_data,
)
from labeling.domain.scale_templates import TEMPLATES, StageInput
from labeling.models import Role, TokenScope
from labeling.selectors.projects import projects_of
from labeling.services.projects import project_create, project_update


class ProjectsView(SignedInView):
    """The projects a person sees; site administrators make new ones."""

    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.READ}

    @extend_schema(operation_id="projects_list", responses=ProjectBriefSerializer(many=True), tags=["projects"])
    def get(self, request: Request) -> Response:
        briefs = [
            {"slug": project.slug, "name": project.name, "description": project.description, "role": role}
            for project, role in projects_of(user=self.person)
            if self.token is None or self.token.project_id in {None, project.pk}
        ]
        return Response(ProjectBriefSerializer(briefs, many=True).data)

    @extend_schema(
        operation_id="project_create",
        request=ProjectCreateSerializer,
        responses={201: ProjectSerializer},
        tags=["projects"],
    )
    def post(self, request: Request) -> Response:
        if not self.person.is_staff:
            raise PermissionDenied("Only a site administrator makes projects.")
        form = ProjectCreateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        stages = [StageInput(**stage) for stage in form.validated_data.pop("stages")]
        project = project_create(created_by=self.person, stages=stages, **form.validated_data)
        return Response(project_data(project, Role.ADMIN, self.person), status=status.HTTP_201_CREATED)


class ProjectDetailView(ProjectView):
    """One project."""

    required_roles: ClassVar[Mapping[str, Role]] = {"PATCH": Role.ADMIN}
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.READ, "PATCH": TokenScope.MANAGE}

    @extend_schema(operation_id="project_retrieve", responses=ProjectSerializer, tags=["projects"])
    def get(self, request: Request, slug: str) -> Response:
        return Response(project_data(self.project, self.role, self.person))

    @extend_schema(
        operation_id="project_update", request=ProjectUpdateSerializer, responses=ProjectSerializer, tags=["projects"]
    )
    def patch(self, request: Request, slug: str) -> Response:
        form = ProjectUpdateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        project = project_update(project=self.project, **form.validated_data)
        return Response(project_data(project, self.role, self.person))


class ScaleTemplatesView(SignedInView):
    """Scales to start from."""

    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.READ}

    @extend_schema(operation_id="scale_templates_list", responses=ScaleTemplateSerializer(many=True), tags=["projects"])
    def get(self, request: Request) -> Response:
        return Response(ScaleTemplateSerializer(TEMPLATES, many=True).data)
