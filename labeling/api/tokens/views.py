"""API tokens of oneself. Only a person signed in makes or ends them: ``token_scopes`` stays empty."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.permissions import SignedInView
from labeling.api.tokens.serializers import ApiTokenCreateSerializer, ApiTokenMadeSerializer, ApiTokenSerializer
from labeling.selectors.projects import project_of_member
from labeling.selectors.tokens import token_of_owner, tokens_of
from labeling.services.tokens import token_create, token_revoke


class ApiTokensView(SignedInView):
    """My tokens; a new one."""

    @extend_schema(operation_id="api_tokens_list", responses=ApiTokenSerializer(many=True), tags=["tokens"])
    def get(self, request: Request) -> Response:
        """List those I have not revoked; never their secrets."""
        return Response(ApiTokenSerializer(tokens_of(owner=self.person), many=True).data)

    @extend_schema(
        operation_id="api_token_create",
        request=ApiTokenCreateSerializer,
        responses={201: ApiTokenMadeSerializer},
        tags=["tokens"],
    )
    def post(self, request: Request) -> Response:
        """Make one. Its secret is in this answer and nowhere else."""
        body = ApiTokenCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = dict(body.validated_data)
        slug = wanted.pop("project")
        project = None if slug is None else project_of_member(user=self.person, slug=slug)[0]
        token, secret = token_create(owner=self.person, project=project, **wanted)
        data = {**ApiTokenSerializer(token).data, "secret": secret}
        response = Response(data, status=status.HTTP_201_CREATED)
        response["Cache-Control"] = "no-store"
        return response


class ApiTokenView(SignedInView):
    """One of my tokens."""

    @extend_schema(operation_id="api_token_revoke", request=None, responses={204: None}, tags=["tokens"])
    def delete(self, request: Request, token_id: int) -> Response:
        """End it, from the next request on."""
        token_revoke(token=token_of_owner(owner=self.person, token_id=token_id))
        return Response(status=status.HTTP_204_NO_CONTENT)
