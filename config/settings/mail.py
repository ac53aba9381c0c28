"""Outgoing e-mail: by EMAIL_URL (smtp://user:password@host:587 with STARTTLS, smtps://...:465), else none at all."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from config.env import Environment

_TIMEOUT_S = 20


def mail_settings(environment: Environment) -> dict[str, Any]:
    """Django's e-mail settings; ``HAS_EMAIL`` says whether any is sent, ``MAIL_LINKS`` what links in it begin with."""
    url = urlsplit(environment.email_url)
    if not url.hostname:
        return {"HAS_EMAIL": False, "MAIL_LINKS": "", "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    is_tls = url.scheme == "smtps"
    return {
        "HAS_EMAIL": True,
        "MAIL_LINKS": environment.public_origin.rstrip("/"),
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or (465 if is_tls else 587),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_SSL": is_tls,
        "EMAIL_USE_TLS": not is_tls,
        "EMAIL_TIMEOUT": _TIMEOUT_S,
        "DEFAULT_FROM_EMAIL": environment.email_from,
    }
