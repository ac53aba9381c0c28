"""Who may do what in a project; admins only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.members.serializers import (
    AccessLinkMadeSerializer,
    MemberAddedSerializer,
    MemberAddSerializer,
    MemberRoleSerializer,
    MemberSerializer,
)
from labeling.api.permissions import ProjectView
from labeling.models import Role, TokenScope
from labeling.selectors.people import member_of, members_of
from labeling.services.people import access_link_create, member_add, member_remove, member_role_set


def _welcome_address(request: Request, token: str) -> str:
    return request.build_absolute_uri(f"/welcome/{token}")


class MembersView(ProjectView):
    """The members of a project."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {}  # who may come in is decided by people

    @extend_schema(operation_id="members_list", responses=MemberSerializer(many=True), tags=["members"])
    def get(self, request: Request, slug: str) -> Response:
        return Response(MemberSerializer(members_of(project=self.project), many=True).data)

    @extend_schema(
        operation_id="member_add",
        request=MemberAddSerializer,
        responses={201: MemberAddedSerializer},
        tags=["members"],
    )
    def post(self, request: Request, slug: str) -> Response:
        form = MemberAddSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        membership, token = member_add(project=self.project, **form.validated_data)
        member = member_of(project=self.project, membership_id=membership.pk)
        data = dict(MemberSerializer(member).data)
        data["access_link"] = None if token is None else _welcome_address(request, token)
        return Response(data, status=status.HTTP_201_CREATED)


class MemberView(ProjectView):
    """One member."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {}  # who may come in is decided by people

    @extend_schema(
        operation_id="member_role_set", request=MemberRoleSerializer, responses=MemberSerializer, tags=["members"]
    )
    def patch(self, request: Request, slug: str, member_id: int) -> Response:
        form = MemberRoleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        member = member_of(project=self.project, membership_id=member_id)
        member_role_set(membership=member, by=self.person, **form.validated_data)
        return Response(MemberSerializer(member).data)

    @extend_schema(operation_id="member_remove", request=None, responses={204: None}, tags=["members"])
    def delete(self, request: Request, slug: str, member_id: int) -> Response:
        member_remove(membership=member_of(project=self.project, membership_id=member_id), by=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MemberAccessLinkView(ProjectView):
    """A new link for a member who has not come in yet."""

    required_role = Role.ADMIN
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {}  # who may come in is decided by people

    @extend_schema(
        operation_id="member_access_link_create", request=None, responses=AccessLinkMadeSerializer, tags=["members"]
    )
    def post(self, request: Request, slug: str, member_id: int) -> Response:
        member = member_of(project=self.project, membership_id=member_id)
        token = access_link_create(membership=member, by=self.person)
        return Response({"access_link": _welcome_address(request, token)})
