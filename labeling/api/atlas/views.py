"""The atlas: examples and descriptions of the stages, which adjudicators keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.atlas.serializers import (
    BesideSerializer,
    CandidateSerializer,
    StageDescriptionSerializer,
    StageReferencesSerializer,
    candidate_data,
)
from labeling.api.permissions import ProjectView
from labeling.api.projects.serializers import ProjectSerializer, project_data
from labeling.models import Role, TokenScope
from labeling.selectors.atlas import reference_candidates
from labeling.services.atlas import stage_describe, stage_references_set


class StageReferencesView(ProjectView):
    """The example photos of a stage."""

    required_role = Role.ADJUDICATOR
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"PUT": TokenScope.MANAGE}

    @extend_schema(
        operation_id="stage_references_set",
        request=StageReferencesSerializer,
        responses=ProjectSerializer,
        tags=["atlas"],
    )
    def put(self, request: Request, slug: str, stage_id: int) -> Response:
        form = StageReferencesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        stage_references_set(
            project=self.project,
            stage_id=stage_id,
            photo_ids=form.validated_data["photo_ids"],
            beside_id=form.validated_data["beside"],
        )
        return Response(project_data(self.project, self.role, self.person))


class StageCandidatesView(ProjectView):
    """Photos that would make good examples."""

    required_role = Role.ADJUDICATOR

    @extend_schema(
        operation_id="stage_candidates",
        parameters=[BesideSerializer],
        responses=CandidateSerializer(many=True),
        tags=["atlas"],
    )
    def get(self, request: Request, slug: str, stage_id: int) -> Response:
        query = BesideSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        found = reference_candidates(
            project_id=self.project.pk, stage_id=stage_id, beside_id=query.validated_data["beside"]
        )
        return Response([candidate_data(slug, candidate) for candidate in found])


class StageDescriptionView(ProjectView):
    """How to know a stage, in words."""

    required_role = Role.ADJUDICATOR
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"PUT": TokenScope.MANAGE}

    @extend_schema(
        operation_id="stage_describe",
        request=StageDescriptionSerializer,
        responses=ProjectSerializer,
        tags=["atlas"],
    )
    def put(self, request: Request, slug: str, stage_id: int) -> Response:
        form = StageDescriptionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        stage_describe(project=self.project, stage_id=stage_id, **form.validated_data)
        return Response(project_data(self.project, self.role, self.person))
