"""Who is asking: Django's session, or an API token, with the right answer for those who are neither."""

from __future__ import annotations

from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from labeling.api.attempts import FailedAttempts
from labeling.domain.tokens import token_prefix
from labeling.models import ApiToken, User
from labeling.selectors.tokens import token_of_secret
from labeling.services.tokens import token_used

MOST_PER_TOKEN = 10
MOST_PER_ADDRESS = 100


class SessionAuthentication(authentication.SessionAuthentication):
    """Session cookie and CSRF token, as in DRF, but 401 instead of 403 for the unknown.

    DRF answers 401 only when a scheme names its challenge. The browser must tell "sign in again" (keep the decisions
    that wait) from "your role does not allow this".
    """

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer <token>``: the token's owner asks, within the token's scopes (``permissions.py``).

    No CSRF check: a page of somebody else cannot make a browser send this header. A wrong token is an error even where
    a session comes along; falling back would hide that the script is not who it thinks. Failures are limited by address
    and, sooner, by address and prefix, so that one script with an old token does not lock its neighbours out.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        secret = secret.strip()
        address = request.META.get("REMOTE_ADDR", "")
        attempts = FailedAttempts(
            "token",
            {
                ("prefix", f"{address} {token_prefix(secret)}"): MOST_PER_TOKEN,
                ("address", address): MOST_PER_ADDRESS,
            },
        )
        attempts.check()
        token = token_of_secret(secret=secret)
        if token is None:
            attempts.failed()
            raise AuthenticationFailed("This token is not valid (any more).", code="token_invalid")
        token_used(token=token)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
