"""A Django database entry from a PostgreSQL URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PREPARED = {"server_side_binding": True, "prepare_threshold": 3}
"""A statement is planned when a connection meets it for the third time, and not again: what an expert waits for takes a
quarter less. Values must then have the type that they are compared with."""


def database_from_url(url: str) -> dict[str, Any]:
    """``postgresql://user:password@host:port/name?host=/socket/dir&sslmode=require`` as Django wants it.

    ``prepared_statements=off`` is for a pooler in between that knows none.
    """
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    prepared_statements = options.pop("prepared_statements", "on")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": options.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": (PREPARED if prepared_statements == "on" else {}) | options,
    }
