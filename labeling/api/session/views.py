"""Sign in, sign out, change oneself, claim an access link."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from labeling.api.authentication import SessionAuthentication
from labeling.api.permissions import SignedInView
from labeling.api.session.attempts import SignInAttempts
from labeling.api.session.serializers import (
    AccessLinkClaimSerializer,
    AccessLinkSerializer,
    PasswordChangeSerializer,
    SessionChangeSerializer,
    SessionSerializer,
    SignInSerializer,
    session_data,
)
from labeling.domain.errors import DomainError
from labeling.models import User
from labeling.selectors.people import access_link_open
from labeling.services.people import access_link_claim, password_change, user_update

BACKEND = "django.contrib.auth.backends.ModelBackend"


class OpenView(APIView):
    """A view for everybody. DRF checks CSRF for the signed-in only; writes here check it for all."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            SessionAuthentication().enforce_csrf(request)


class SessionView(OpenView):
    """The session of this browser."""

    @extend_schema(operation_id="session_retrieve", responses=SessionSerializer, tags=["session"])
    def get(self, request: Request) -> Response:
        get_token(request._request)  # sets the csrftoken cookie
        return Response(session_data(request.user if isinstance(request.user, User) else None))

    @extend_schema(
        operation_id="session_create", request=SignInSerializer, responses=SessionSerializer, tags=["session"]
    )
    def post(self, request: Request) -> Response:
        form = SignInSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        email, password = form.validated_data["email"].strip().lower(), form.validated_data["password"]
        attempts = SignInAttempts(request, email)
        attempts.check()
        user = authenticate(request._request, username=email, password=password)
        if not isinstance(user, User):
            attempts.failed()
            raise DomainError("bad_credentials", "The e-mail or the password is not right.")
        login(request._request, user)
        return Response(session_data(user))

    @extend_schema(operation_id="session_destroy", request=None, responses={204: None}, tags=["session"])
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="session_update", request=SessionChangeSerializer, responses=SessionSerializer, tags=["session"]
    )
    def patch(self, request: Request) -> Response:
        if not isinstance(request.user, User):
            self.permission_denied(request)
        form = SessionChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = user_update(user=request.user, **form.validated_data)
        return Response(session_data(user))


class PasswordView(SignedInView):
    """One's own password."""

    @extend_schema(
        operation_id="session_password_change",
        request=PasswordChangeSerializer,
        responses={204: None},
        tags=["session"],
    )
    def post(self, request: Request) -> Response:
        form = PasswordChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        attempts = SignInAttempts(request, self.person.email)
        attempts.check()
        try:
            password_change(user=self.person, **form.validated_data)
        except DomainError as error:
            if error.code == "bad_credentials":
                attempts.failed()
            raise
        update_session_auth_hash(request._request, self.person)  # this browser stays signed in, all others do not
        return Response(status=status.HTTP_204_NO_CONTENT)


class AccessLinkView(OpenView):
    """A one-time link: who has it may open the account it is for."""

    @extend_schema(operation_id="access_link_retrieve", responses=AccessLinkSerializer, tags=["session"])
    def get(self, request: Request, token: str) -> Response:
        get_token(request._request)
        link = access_link_open(token=token)
        data = {
            "purpose": link.purpose,
            "email": link.user.email if link.user else "",
            "expires_at": link.expires_at,
        }
        return Response(AccessLinkSerializer(data).data)

    @extend_schema(
        operation_id="access_link_claim",
        request=AccessLinkClaimSerializer,
        responses=SessionSerializer,
        tags=["session"],
    )
    def post(self, request: Request, token: str) -> Response:
        form = AccessLinkClaimSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = access_link_claim(token=token, **form.validated_data)
        login(request._request, user, backend=BACKEND)
        return Response(session_data(user))
