"""The classes: what is known about them, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.classes.serializers import ClassesSerializer, classes_data
from classifier.selectors.class_reports import classes_of
from classifier.services.class_report_requests import class_report_request
from labeling.api.permissions import ProjectView
from labeling.models import Role


class Classes(ProjectView):
    """The latest report, and what it lacks; an admin may ask for a new one."""

    required_role = Role.ADJUDICATOR
    required_roles: ClassVar[Mapping[str, Role]] = {"POST": Role.ADMIN}

    @extend_schema(operation_id="classes_retrieve", responses=ClassesSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(ClassesSerializer(classes_data(slug, classes_of(project_id=self.project.pk))).data)

    @extend_schema(operation_id="classes_compute", request=None, responses={202: None})
    def post(self, request: Request, slug: str) -> Response:
        class_report_request(project_id=self.project.pk)
        return Response(status=status.HTTP_202_ACCEPTED)
