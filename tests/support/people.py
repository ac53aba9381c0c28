"""A person at a program: the API over HTTP, with the cookies and the header a browser would send."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from copy import copy
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any

from django.conf import settings
from django.test import Client

from labeling.models import User


@dataclass
class Answer:
    """Status and JSON of an answer."""

    status: int
    body: Any


@dataclass
class Person:
    """Somebody who uses the API at ``url``."""

    url: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def sign_in(self, user: User) -> None:
        """Come in as ``user``, by a session written into the database that the program shares with the test.

        Not by password: tests hash theirs in a quick way that no program accepts.
        """
        client = Client()
        client.force_login(user)
        self.get("/session")  # brings the token that unsafe requests must show
        token = next(cookie for cookie in self.cookies if cookie.name == "csrftoken")
        session = copy(token)
        session.name, session.value = settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value
        self.cookies.set_cookie(session)
        answer = self.get("/session")
        assert answer.body["user"]["email"] == user.email, answer

    def get(self, path: str) -> Answer:
        """GET below /api/v1."""
        return self._ask(urllib.request.Request(f"{self.url}/api/v1{path}"))

    def post(self, path: str, content: object) -> Answer:
        """POST JSON below /api/v1."""
        request = urllib.request.Request(f"{self.url}/api/v1{path}", json.dumps(content).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        return self._ask(request)

    def upload(self, path: str, name: str, data: bytes) -> Answer:
        """POST one photo below /api/v1, as a form."""
        edge = uuid.uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="client_id"\r\n\r\n{uuid.uuid4()}\r\n'.encode(),
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode(),
            b"Content-Type: image/jpeg\r\n\r\n" + data + f"\r\n--{edge}--\r\n".encode(),
        ]
        request = urllib.request.Request(f"{self.url}/api/v1{path}", b"".join(parts), method="POST")
        request.add_header("Content-Type", f"multipart/form-data; boundary={edge}")
        return self._ask(request)

    def _ask(self, request: urllib.request.Request) -> Answer:
        token = next((cookie.value for cookie in self.cookies if cookie.name == "csrftoken"), None)
        if token:
            request.add_header("X-CSRFToken", token)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        try:
            with opener.open(request, timeout=60) as answer:
                return Answer(answer.status, _json(answer.read()))
        except urllib.error.HTTPError as error:
            return Answer(error.code, _json(error.read()))


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except json.JSONDecodeError:
        return data.decode(errors="replace")
