"""One Redis address in the three spellings that its users want."""

from __future__ import annotations

import socket
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def with_database(url: str, number: int) -> str:
    """``url`` pointing at another of the server's numbered databases (tests keep apart by them)."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        query = {**dict(parse_qsl(parts.query)), "db": str(number)}
        return f"unix://{parts.path}?{urlencode(query)}"  # urlunsplit drops the empty host of schemes it does not know
    return urlunsplit(parts._replace(path=f"/{number}"))


def broker_url(url: str) -> str:
    """``url`` as Celery spells it: sockets have another scheme there, and another word for the database's number."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    query = [("virtual_host" if key == "db" else key, value) for key, value in parse_qsl(parts.query)]
    return f"redis+socket://{parts.path}" + (f"?{urlencode(query)}" if query else "")


def keepalive_options() -> dict[int, int]:
    """Options of a TCP socket with which a peer that is gone is given up after half a minute, on either side."""
    wanted = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}
    return {getattr(socket, name): value for name, value in wanted.items() if hasattr(socket, name)}
