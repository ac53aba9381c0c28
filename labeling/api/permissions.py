"""What a role may do: the ladder, and the view that every route of a project stands on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from labeling.api.authentication import SessionAuthentication
from labeling.models import Project, Role, User
from labeling.selectors.projects import project_of_member


class IsStaff(BasePermission):
    """Site administrators only."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_authenticated and request.user.is_staff)


class SignedInView(APIView):
    """A view for whoever is signed in."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)

    @property
    def person(self) -> User:
        """The signed-in user, typed."""
        assert isinstance(self.request.user, User)
        return self.request.user


class ProjectView(SignedInView):
    """A view inside one project, named by ``slug`` in its route.

    ``self.project`` and ``self.role`` are set before the handler runs. Those who are not members get 404, as if the
    project did not exist; members whose role is too low get 403. Site administrators act as admins everywhere.

    Attributes:
        required_role: the lowest role that may use the view.
        required_roles: exceptions by HTTP method, e.g. ``{"POST": Role.ADMIN}``.
    """

    required_role: ClassVar[Role] = Role.GROWER
    required_roles: ClassVar[Mapping[str, Role]] = {}

    project: Project
    role: Role

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.project, self.role = project_of_member(user=self.person, slug=kwargs["slug"])
        self.require(self.required_roles.get(request.method or "", self.required_role))

    def require(self, role: Role) -> None:
        """Refuse (403) unless the person's role is ``role`` or above."""
        if not self.role.includes(role):
            raise PermissionDenied("Your role does not allow this.")
