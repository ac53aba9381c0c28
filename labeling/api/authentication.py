"""Who is asking: Django's session, with the right answer for those who are not signed in."""

from __future__ import annotations

from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Session cookie and CSRF token, as in DRF, but 401 instead of 403 for the unknown.

    DRF answers 401 only when a scheme names its challenge. The browser must tell "sign in again" (keep the decisions
    that wait) from "your role does not allow this".
    """

    def authenticate_header(self, request: Request) -> str:
        return "Session"
