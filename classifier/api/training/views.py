"""Training runs: list, start, follow, cancel."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.training.serializers import (
    TrainingRuleSerializer,
    TrainingRunDetailSerializer,
    TrainingRunSerializer,
    TrainingRunStartSerializer,
)
from classifier.models import TrainingRun
from classifier.selectors.learning import retraining_rule
from classifier.selectors.runs import training_run_of_project, training_runs
from classifier.services.training import training_rule_set, training_run_cancel, training_run_start
from labeling.api.pagination import CursorPages
from labeling.api.permissions import ProjectView
from labeling.models import Role, TokenScope


class TrainingRunPages(CursorPages):
    """Newest first."""

    page_size = 30
    ordering = "-id"


class TrainingRunList(ProjectView):
    """The runs of a project."""

    required_role = Role.EXPERT
    required_roles: ClassVar[dict[str, Role]] = {"POST": Role.ADMIN}
    pagination_class = TrainingRunPages
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.READ, "POST": TokenScope.TRAIN}

    @extend_schema(operation_id="training_runs_list", responses=TrainingRunSerializer(many=True))
    def get(self, request: Request, **kwargs: Any) -> Response:
        pages = self.pagination_class()
        page = pages.paginate_queryset(training_runs(project_id=self.project.pk), request, view=self)
        return pages.get_paginated_response(TrainingRunSerializer(page, many=True).data)

    @extend_schema(
        operation_id="training_runs_start",
        request=TrainingRunStartSerializer,
        responses={201: TrainingRunSerializer},
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        form = TrainingRunStartSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        started = training_run_start(
            project=self.project,
            trigger=TrainingRun.Trigger.BUTTON,
            requested_by=self.person,
            epochs=form.validated_data.get("epochs"),
            members=form.validated_data["members"],
            force=form.validated_data["force"],
        )
        run = training_run_of_project(project_id=self.project.pk, run_id=started.pk)
        return Response(TrainingRunSerializer(run).data, status=status.HTTP_201_CREATED)


class TrainingRunDetail(ProjectView):
    """One run; pages poll this with ``If-None-Match``."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="training_runs_retrieve", responses=TrainingRunDetailSerializer)
    def get(self, request: Request, run_id: int, **kwargs: Any) -> Response:
        run = training_run_of_project(project_id=self.project.pk, run_id=run_id)
        body = TrainingRunDetailSerializer(run).data
        etag = f'W/"{hashlib.sha256(repr(body).encode()).hexdigest()[:24]}"'
        known = [tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")]
        response = Response(status=status.HTTP_304_NOT_MODIFIED) if etag in known else Response(body)
        response["ETag"] = etag
        patch_cache_control(response, private=True, no_cache=True)
        return response


class TrainingRunCancel(ProjectView):
    """Ask a run to stop."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.TRAIN}

    @extend_schema(operation_id="training_runs_cancel", request=None, responses=TrainingRunSerializer)
    def post(self, request: Request, run_id: int, **kwargs: Any) -> Response:
        training_run_cancel(run=training_run_of_project(project_id=self.project.pk, run_id=run_id))
        run = training_run_of_project(project_id=self.project.pk, run_id=run_id)
        return Response(TrainingRunSerializer(run).data)


class TrainingRule(ProjectView):
    """When the project is trained again by itself."""

    required_role = Role.ADMIN

    @extend_schema(operation_id="training_rule_retrieve", responses=TrainingRuleSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        return Response(TrainingRuleSerializer(retraining_rule(project_id=self.project.pk)).data)

    @extend_schema(operation_id="training_rule_set", request=TrainingRuleSerializer, responses=TrainingRuleSerializer)
    def put(self, request: Request, **kwargs: Any) -> Response:
        form = TrainingRuleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(TrainingRuleSerializer(training_rule_set(project=self.project, **form.validated_data)).data)
