"""The one client of every measurement, ours and the peers': HTTP/1.1 over a connection that is kept open."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

CSRF = "a" * 32
"""Django compares cookie and header; a client may choose the token."""


@dataclass(frozen=True)
class Reply:
    """An answer, and when it came: seconds from before the request was sent."""

    status: int
    body: bytes
    first_byte: float
    total: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Somebody at a program: cookies are kept, and their CSRF token is shown with every request."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    timeout: float = 600
    _connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def post(self, path: str, content: Any) -> Reply:
        """Send JSON."""
        return self.ask("POST", path, json.dumps(content).encode(), "application/json")

    def post_form(self, path: str, fields: dict[str, str]) -> Reply:
        return self.ask("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def ask(self, method: str, path: str, body: bytes | None = None, content_type: str = "") -> Reply:
        """Send a request and read the whole answer, whatever its status.

        Connecting is not part of the measured time.

        Raises:
            OSError, http.client.HTTPException: no answer. Nothing is tried again: what a request did is then unknown.
        """
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **self.headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if "csrftoken" in self.cookies:
            headers["X-CSRFToken"] = self.cookies["csrftoken"]
            headers["Referer"] = self.url
        if body is not None:
            headers["Content-Type"] = content_type
        connection = self._open()
        started = time.perf_counter()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        first = response.read(1)
        first_byte = time.perf_counter() - started
        data = first + response.read()
        total = time.perf_counter() - started
        self._take_cookies(response)
        if response.will_close:
            connection.close()
        return Reply(response.status, data, first_byte, total)

    def close(self) -> None:
        """Close the connection; the next request opens another, since a server ends what was idle for long."""
        if self._connection is not None:
            self._connection.close()

    def _open(self) -> http.client.HTTPConnection:
        if self._connection is None:
            parts = urlsplit(self.url)
            self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=self.timeout)
        if self._connection.sock is None:
            self._connection.connect()
        return self._connection

    def _take_cookies(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";", 1)[0].partition("=")
            self.cookies[name.strip()] = value.strip()
