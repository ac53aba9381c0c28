"""What a role and a token may do: the ladder, and the view that every route of a project stands on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from labeling.api.authentication import SessionAuthentication, TokenAuthentication
from labeling.models import ApiToken, Project, Role, TokenScope, User
from labeling.selectors.projects import project_of_member


class IsStaff(BasePermission):
    """Site administrators only."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_authenticated and request.user.is_staff)


class TokenAllows(BasePermission):
    """Whoever comes with a token keeps to its scopes; a view opens itself to tokens method by method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        scope = view.scope_of(request.method or "") if isinstance(view, SignedInView) else None
        if scope is None:
            raise PermissionDenied("This is not open to API tokens.", code="token_not_allowed")
        if scope not in request.auth.scopes:
            raise PermissionDenied(f"This needs a token with the scope {scope.value!r}.", code="token_scope")
        return True


class SignedInView(APIView):
    """A view for whoever is signed in.

    Attributes:
        token_scopes: the scope a token needs, by HTTP method. A method that is not named refuses tokens, so that a new
            view is closed to them until somebody opens it.
    """

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated, TokenAllows)
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {}

    @property
    def person(self) -> User:
        """The signed-in user, typed."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def token(self) -> ApiToken | None:
        """The token by which the person came in, if one was used."""
        return self.request.auth if isinstance(self.request.auth, ApiToken) else None

    def scope_of(self, method: str) -> TokenScope | None:
        """The scope a token needs for ``method``; none: tokens are refused."""
        return self.token_scopes.get({"HEAD": "GET"}.get(method, method))

    def get_authenticators(self) -> list[Any]:
        """All of them; in the schema, tokens only where they are taken."""
        found = super().get_authenticators()
        request = self.request if getattr(self, "swagger_fake_view", False) else None
        if request is not None and self.scope_of(request.method or "") is None:
            return [it for it in found if not isinstance(it, TokenAuthentication)]
        return found


class ProjectView(SignedInView):
    """A view inside one project, named by ``slug`` in its route.

    ``self.project`` and ``self.role`` are set before the handler runs. Those who are not members get 404, as if the
    project did not exist; members whose role is too low get 403. Site administrators act as admins everywhere. A token
    gives what the role gives at the moment of the request; one of another project finds nothing here.

    Attributes:
        required_role: the lowest role that may use the view.
        required_roles: exceptions by HTTP method, e.g. ``{"POST": Role.ADMIN}``.
    """

    required_role: ClassVar[Role] = Role.GROWER
    required_roles: ClassVar[Mapping[str, Role]] = {}
    token_scopes: ClassVar[Mapping[str, TokenScope]] = {"GET": TokenScope.READ}

    project: Project
    role: Role

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        only = None if self.token is None else self.token.project_id
        self.project, self.role = project_of_member(user=self.person, slug=kwargs["slug"], only_project_id=only)
        self.require(self.required_roles.get(request.method or "", self.required_role))

    def require(self, role: Role) -> None:
        """Refuse (403) unless the person's role is ``role`` or above."""
        if not self.role.includes(role):
            raise PermissionDenied("Your role does not allow this.")
