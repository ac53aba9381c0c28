"""Single sign-on by OpenID Connect, when the environment names a provider."""

from __future__ import annotations

from typing import Any

from config.env import Environment

PROVIDER_ID = "sso"


def openid_connect(environment: Environment | None) -> tuple[dict[str, Any], dict[str, str] | None]:
    """Allauth's SOCIALACCOUNT_PROVIDERS, and the name and address the sign-in page offers (None without a provider)."""
    if environment is None or not environment.oidc_client_id:
        return {}, None
    provider = {
        "provider_id": PROVIDER_ID,
        "name": environment.oidc_name,
        "client_id": environment.oidc_client_id,
        "secret": environment.oidc_client_secret,
        # The operator chose this provider for sign-in, so an address it calls verified is taken as such.
        "EMAIL_AUTHENTICATION": True,
        "settings": {"server_url": environment.oidc_server_url, "oauth_pkce_enabled": True},
    }
    offer = {"name": environment.oidc_name, "login_url": f"/accounts/oidc/{PROVIDER_ID}/login/"}
    return {"openid_connect": {"APPS": [provider]}}, offer
