"""One thing done to many photos."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.lots.serializers import LotAppliedSerializer, LotSerializer
from labeling.api.permissions import ProjectView
from labeling.models import Role
from labeling.services.lots import ACTS, LotOrder, lot_apply


class LotsView(ProjectView):
    """Lots of photos chosen on the map."""

    required_role = Role.EXPERT

    @extend_schema(operation_id="lot_apply", request=LotSerializer, responses=LotAppliedSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Do it photo by photo; an answer for each."""
        form = LotSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        self.require(ACTS[asked["act"]])
        order = LotOrder(asked["key"], asked["act"], tuple(asked["photo_ids"]), asked["stage"], asked["note"])
        results = lot_apply(project=self.project, by=self.person, role=self.role, order=order)
        return Response(LotAppliedSerializer({"results": results}).data)
