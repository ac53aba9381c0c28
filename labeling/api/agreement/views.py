"""How far experts agree, and how good each is."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.agreement.serializers import AgreementSerializer
from labeling.api.permissions import ProjectView
from labeling.models import Role
from labeling.selectors.agreement import agreement_for
from labeling.services.agreement_report import agreement_request


class AgreementView(ProjectView):
    """The figures as last computed; experts see only themselves among the annotators."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="agreement_retrieve", responses=AgreementSerializer, tags=["agreement"])
    def get(self, request: Request, slug: str) -> Response:
        figures = agreement_for(project=self.project, user=self.person, role=self.role)
        return Response(AgreementSerializer(figures).data)


class AgreementRefreshView(ProjectView):
    """Have the figures computed anew."""

    required_role = Role.ADJUDICATOR

    @extend_schema(operation_id="agreement_refresh", request=None, responses={202: None}, tags=["agreement"])
    def post(self, request: Request, slug: str) -> Response:
        agreement_request(project_id=self.project.pk)
        return Response(status=status.HTTP_202_ACCEPTED)
