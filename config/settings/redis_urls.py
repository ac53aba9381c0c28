"""One Redis address in the three spellings that its users want."""

from __future__ import annotations

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
