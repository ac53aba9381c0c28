"""The learning status of a project, its forecast, and a refresh on demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.learning.serializers import ForecastSerializer, LearningStatusSerializer
from classifier.selectors.forecasts import learning_forecast
from classifier.selectors.learning_status import learning_status
from classifier.services.refresh_requests import refresh_request
from labeling.api.permissions import ProjectView
from labeling.models import Role, TokenScope


class Learning(ProjectView):
    """How far the learning has come."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="learning_retrieve", responses=LearningStatusSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        return Response(LearningStatusSerializer(learning_status(project=self.project)).data)


class Refresh(ProjectView):
    """Re-fit the light head and re-order the queue now."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"POST": TokenScope.TRAIN}

    @extend_schema(operation_id="refresh_request", request=None, responses={202: LearningStatusSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        refresh_request(project=self.project)
        body = LearningStatusSerializer(learning_status(project=self.project)).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


class Forecast(ProjectView):
    """Labels that targets still take."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="forecast_retrieve", responses=ForecastSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        made = learning_forecast(project_id=self.project.pk)
        body = made if made is not None else {"labels_now": 0, "built_at": None, "told": None}
        return Response(ForecastSerializer(body).data)
