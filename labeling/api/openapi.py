"""What the OpenAPI schema cannot find out by itself. Apart from what it describes: DRF loads that first."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class SessionAuthenticationScheme(OpenApiAuthenticationExtension):
    """Tells the schema what our sign-in asks for: the session cookie."""

    target_class = "labeling.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
