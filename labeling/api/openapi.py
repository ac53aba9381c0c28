"""What the OpenAPI schema cannot find out by itself. Apart from what it describes: DRF loads that first."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from labeling.models import TokenScope


class SessionAuthenticationScheme(OpenApiAuthenticationExtension):
    """Tells the schema what our sign-in asks for: the session cookie."""

    target_class = "labeling.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class TokenAuthenticationScheme(OpenApiAuthenticationExtension):
    """Tells the schema how scripts come in. An operation without it is not open to tokens."""

    target_class = "labeling.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        scopes = "; ".join(f"{scope.value}: {scope.label}" for scope in TokenScope)
        return {
            "type": "http",
            "scheme": "bearer",
            "description": f"A token of the account page. It gives what its owner's role allows, within its scopes: "
            f"{scopes}.",
        }
