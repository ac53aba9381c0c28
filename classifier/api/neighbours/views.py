"""Labelled photos that look like the one before the expert."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.neighbours.serializers import NeighboursAskSerializer, NeighboursSerializer
from classifier.selectors.neighbours import neighbours_of
from labeling.api.links import rendition_url
from labeling.api.permissions import ProjectView
from labeling.models import Role


class Neighbours(ProjectView):
    """The nearest labelled photos."""

    required_role = Role.EXPERT

    @extend_schema(
        operation_id="photo_neighbours", parameters=[NeighboursAskSerializer], responses=NeighboursSerializer
    )
    def get(self, request: Request, slug: str, photo_id: int) -> Response:
        """Show them, unless the reader holds the photo blind and has not decided."""
        form = NeighboursAskSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        found = neighbours_of(
            project=self.project, photo_id=photo_id, reader=self.person, count=form.validated_data["count"]
        )
        items = [
            {
                "photo_id": it.photo_id,
                "thumb_url": rendition_url(slug, it.photo_id, "thumb"),
                "view_url": rendition_url(slug, it.photo_id, "view"),
                "stage_position": it.stage_position,
                "similarity": it.similarity,
            }
            for it in found.items
        ]
        return Response(NeighboursSerializer({"state": found.state, "items": items}).data)
