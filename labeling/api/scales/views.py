"""Changes of a project's stages: drafts that experts see, applied or undone by an admin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.permissions import ProjectView
from labeling.api.scales.serializers import ScaleDraftSerializer, ScaleMigrationSerializer, ScaleStepSerializer
from labeling.models import Role
from labeling.selectors.scales import migrations_of
from labeling.services.scale_drafts import scale_draft_create, scale_draft_discard, scale_draft_report
from labeling.services.scale_migrations import scale_migration_request


class ScaleMigrations(ProjectView):
    """All changes, the latest first: experts see what is drafted."""

    required_role = Role.EXPERT
    required_roles: ClassVar[Mapping[str, Role]] = {"POST": Role.ADMIN}

    @extend_schema(operation_id="scale_migrations_list", responses=ScaleMigrationSerializer(many=True), tags=["scales"])
    def get(self, request: Request, slug: str) -> Response:
        rows = migrations_of(project_id=self.project.pk)
        return Response(ScaleMigrationSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="scale_draft_create",
        request=ScaleDraftSerializer,
        responses={201: ScaleMigrationSerializer},
        tags=["scales"],
    )
    def post(self, request: Request, slug: str) -> Response:
        form = ScaleDraftSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        kind = form.validated_data["kind"]
        migration = scale_draft_create(
            project=self.project, stages=form.changes(), by=self.person, note=form.validated_data["note"],
            origin={"kind": kind} if kind else {},
        )  # fmt: skip
        row = migrations_of(project_id=self.project.pk).get(pk=migration.pk)
        return Response(ScaleMigrationSerializer(row).data, status=status.HTTP_201_CREATED)


class ScaleMigrationDetail(ProjectView):
    """A draft, or a scale that figures are reported on: dropped."""

    required_role = Role.ADMIN

    @extend_schema(operation_id="scale_draft_discard", responses={204: None}, tags=["scales"])
    def delete(self, request: Request, slug: str, migration_id: int) -> Response:
        scale_draft_discard(project=self.project, migration_id=migration_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ScaleMigrationStep(ProjectView):
    """What an admin does with a change: apply it, undo it, or only report figures on its stages."""

    required_role = Role.ADMIN

    @extend_schema(
        operation_id="scale_migration_step", request=ScaleStepSerializer, responses={202: None}, tags=["scales"]
    )
    def post(self, request: Request, slug: str, migration_id: int) -> Response:
        form = ScaleStepSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        what = form.validated_data["what"]
        if what == "report":
            scale_draft_report(project=self.project, migration_id=migration_id)
        else:
            scale_migration_request(project=self.project, migration_id=migration_id, what=what, by=self.person)
        return Response(status=status.HTTP_202_ACCEPTED)
