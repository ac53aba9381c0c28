"""What the version in use says of a photo."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.predictions.serializers import PhotoPredictionSerializer
from classifier.selectors.photo_predictions import photo_prediction
from labeling.api.permissions import ProjectView
from labeling.models import Role


class Prediction(ProjectView):
    """Probabilities, the set of stages they give, and whether the model abstains."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="photo_prediction", responses=PhotoPredictionSerializer)
    def get(self, request: Request, photo_id: int, **kwargs: Any) -> Response:
        """Show it, unless the reader is asked blind and has not decided."""
        found = photo_prediction(project=self.project, photo_id=photo_id, reader=self.person)
        return Response(PhotoPredictionSerializer(found).data)
