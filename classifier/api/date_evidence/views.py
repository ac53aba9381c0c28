"""What date, place and plant say of the photo before the expert."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.date_evidence.serializers import DateEvidenceSerializer
from classifier.selectors.date_evidence import date_evidence_of
from labeling.api.permissions import ProjectView
from labeling.models import Role


class DateEvidenceView(ProjectView):
    """Evidence apart from the image."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="photo_date_evidence", responses=DateEvidenceSerializer, tags=["bench"])
    def get(self, request: Request, slug: str, photo_id: int) -> Response:
        """Show it, unless the photo is held out or the reader holds it blind and has not decided."""
        found = date_evidence_of(project=self.project, photo_id=photo_id, reader=self.person)
        return Response(DateEvidenceSerializer(found).data)
