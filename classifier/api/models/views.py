"""Model versions: list, detail, report and card, promotion by hand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.models.report_serializers import EvaluationReportSerializer, ModelCardAskSerializer
from classifier.api.models.serializers import (
    ModelVersionBriefSerializer,
    ModelVersionDetailSerializer,
    ModelVersionPromoteSerializer,
)
from classifier.selectors.model_cards import model_card_of
from classifier.selectors.runs import evaluation_report_of, model_version_of_project, model_versions
from classifier.services.promotion import model_version_promote
from classifier.services.shadows import shadow_start, shadow_stop
from labeling.api.permissions import ProjectView
from labeling.models import Role, TokenScope


class ModelVersionList(ProjectView):
    """The versions of a project, newest first."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="model_versions_list", responses=ModelVersionBriefSerializer(many=True))
    def get(self, request: Request, **kwargs: Any) -> Response:
        versions = model_versions(project_id=self.project.pk)
        return Response(ModelVersionBriefSerializer(versions, many=True).data)


class ModelVersionDetail(ProjectView):
    """One version."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="model_versions_retrieve", responses=ModelVersionDetailSerializer)
    def get(self, request: Request, version_id: uuid.UUID, **kwargs: Any) -> Response:
        version = model_version_of_project(project_id=self.project.pk, model_version_id=version_id)
        return Response(ModelVersionDetailSerializer(version).data)


class ModelVersionReport(ProjectView):
    """All that was measured of a version when it was made."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="model_versions_report", responses=EvaluationReportSerializer)
    def get(self, request: Request, version_id: uuid.UUID, **kwargs: Any) -> Response:
        report = evaluation_report_of(project_id=self.project.pk, model_version_id=version_id)
        return Response(EvaluationReportSerializer(report).data)


class ModelVersionCard(ProjectView):
    """The report as a model card in Markdown, to keep beside the model."""

    required_role = Role.EXPERT

    @extend_schema(
        operation_id="model_versions_card",
        parameters=[ModelCardAskSerializer],
        responses={(200, "text/markdown"): OpenApiTypes.STR},
    )
    def get(self, request: Request, version_id: uuid.UUID, **kwargs: Any) -> HttpResponse:
        form = ModelCardAskSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        report = evaluation_report_of(project_id=self.project.pk, model_version_id=version_id)
        language = form.validated_data["language"]
        text = model_card_of(report=report, language=language)
        response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
        name = f"{self.project.slug}-v{report.model_version.number}-{language}.md"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class ModelVersionPromote(ProjectView):
    """Promote a version by hand, or roll back to an older one."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.TRAIN}

    @extend_schema(
        operation_id="model_versions_promote",
        request=ModelVersionPromoteSerializer,
        responses=ModelVersionDetailSerializer,
    )
    def post(self, request: Request, version_id: uuid.UUID, **kwargs: Any) -> Response:
        form = ModelVersionPromoteSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        model_version_of_project(project_id=self.project.pk, model_version_id=version_id)
        reason = form.validated_data["reason"] or f"Promoted by {self.person}."
        model_version_promote(model_version_id=version_id, by=self.person, reason=reason)
        version = model_version_of_project(project_id=self.project.pk, model_version_id=version_id)
        return Response(ModelVersionDetailSerializer(version).data)


class ModelVersionShadow(ProjectView):
    """A version that scores new photos unseen, beside the one in use."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"PUT": TokenScope.TRAIN, "DELETE": TokenScope.TRAIN}

    @extend_schema(operation_id="model_versions_shadow_start", request=None, responses=ModelVersionDetailSerializer)
    def put(self, request: Request, version_id: uuid.UUID, **kwargs: Any) -> Response:
        """Let it run from now on, instead of whichever did."""
        model_version_of_project(project_id=self.project.pk, model_version_id=version_id)
        shadow_start(project_id=self.project.pk, model_version_id=version_id)
        return self._answer(version_id)

    @extend_schema(operation_id="model_versions_shadow_stop", request=None, responses=ModelVersionDetailSerializer)
    def delete(self, request: Request, version_id: uuid.UUID, **kwargs: Any) -> Response:
        """Let it run no longer."""
        model_version_of_project(project_id=self.project.pk, model_version_id=version_id)
        shadow_stop(project_id=self.project.pk, model_version_id=version_id)
        return self._answer(version_id)

    def _answer(self, version_id: uuid.UUID) -> Response:
        version = model_version_of_project(project_id=self.project.pk, model_version_id=version_id)
        return Response(ModelVersionDetailSerializer(version).data)
