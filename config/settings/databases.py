"""A Django database entry from a PostgreSQL URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PREPARED = {"server_side_binding": True, "prepare_threshold": 3}
"""A statement is planned when a connection meets it for the third time, and not again: what an expert waits for takes a
quarter less. Values must then have the type that they are compared with."""


KEEPALIVES = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
"""A server whose host vanished, or the link to it, is given up after half a minute instead of two hours; likewise a
client by the server, which holds the client's locks: a run whose host vanished could not go on elsewhere."""
SERVER_KEEPALIVES = {
    "tcp_keepalives_idle": 15,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def database_from_url(url: str) -> dict[str, Any]:
    """``postgresql://user:password@host:port/name?host=/socket/dir&sslmode=require`` as Django wants it.

    ``prepared_statements=off`` is for a pooler in between that knows none.
    """
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    is_direct = options.pop("prepared_statements", "on") == "on"
    host = options.pop("host", parts.hostname or "")
    over_network = _over_network(is_direct=is_direct) if host and not host.startswith("/") else {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": options.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": (PREPARED if is_direct else {}) | over_network | options,
    }


def _over_network(*, is_direct: bool) -> dict[str, Any]:
    """Options of a connection by TCP; poolers take no settings for the server behind them."""
    chosen: dict[str, Any] = {"connect_timeout": 10, **KEEPALIVES}
    if is_direct:
        chosen["options"] = " ".join(f"-c {name}={value}" for name, value in SERVER_KEEPALIVES.items())
    return chosen
