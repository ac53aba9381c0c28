"""Antesis as a contender: the web process of the Procfile on a filled database."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from benchmarks.client import CSRF, Client, Reply
from benchmarks.contenders import Export, Task, expect
from benchmarks.place import SLUG, connect, disconnect
from tests.support.stack import Stack

N_STAGES = 7
GRID_PAGE = 60
WINDOW = 12
"""What the bench asks for: eight photos ahead and four for what is under way (``features/review/queue.ts``)."""


class Antesis:
    """The program at ``stack``, which runs, on a database that ``rows_make`` filled."""

    name = "antesis"

    def __init__(self, stack: Stack, *, window: int = 1) -> None:
        self.stack = stack
        self.window = window
        self.path = f"/api/v1/projects/{SLUG}"
        self.grid_stage = 0

    def expert(self, number: int) -> Client:
        return self.signed_in(f"expert{number}")

    def signed_in(self, name: str) -> Client:
        """Somebody of ``rows_make`` by the name before the @."""
        return Client(self.stack.url, {"sessionid": self._session(name), "csrftoken": CSRF})

    def next(self, client: Client) -> tuple[Reply, list[Task]]:
        reply = expect(client.post(f"{self.path}/queue/reserve", {"count": self.window}), 200)
        return reply, [Task(item["photo_id"], item) for item in reply.json["items"]]

    def submit(self, client: Client, task: Task) -> Reply:
        reply = expect(client.post(f"{self.path}/decisions", {"decisions": [decision(task)]}), 201)
        outcome = reply.json["results"][0]["outcome"]
        if outcome != "applied":
            raise AssertionError(f"a decision was not applied: {reply.json}")
        return reply

    def first_page(self, client: Client) -> Reply:
        """The triage grid of one stage after another: each page is freshly taken, and gives the last one back."""
        self.grid_stage = (self.grid_stage + 1) % N_STAGES
        return client.post(f"{self.path}/triage/reserve", {"stage": self.grid_stage, "count": GRID_PAGE})

    def leave_grid(self, client: Client) -> None:
        """Give back what the grid holds, so that it is there for whoever comes next."""
        expect(client.post(f"{self.path}/queue/release", {"mode": "grid"}), 204)

    def photo_list(self, client: Client) -> Reply:
        return client.get(f"{self.path}/photos")

    def health(self, client: Client) -> Reply:
        return client.get("/readyz")

    def export(self) -> Export:
        client = self.signed_in("adjudicator")
        reply = expect(client.get(f"{self.path}/history/export?format=csv"), 200)
        client.close()
        return Export(reply.first_byte, reply.total, reply.body.count(b"\n") - 1)

    def gold_photos(self) -> frozenset[int]:
        """Photos of known stage: handed to every expert in turn, to measure them."""
        from labeling.models import KnownLabel

        connect(self.stack.database_url)
        found = frozenset(KnownLabel.objects.filter(kind="gold").values_list("photo_id", flat=True))
        disconnect()
        return found

    def _session(self, name: str) -> str:
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        from labeling.models import User

        connect(self.stack.database_url)
        user = User.objects.get(email=f"{name}@bench.example")
        session: Any = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        disconnect()
        return str(session.session_key)


def decision(task: Task) -> dict[str, Any]:
    """A label as the bench sends it: the suggestion where there is one."""
    suggestion = (task.detail or {}).get("suggestion") or {"position": task.photo_id % N_STAGES}
    return {
        "key": str(uuid.uuid4()),
        "photo_id": task.photo_id,
        "kind": "stage",
        "stage": suggestion["position"],
        "reservation": (task.detail or {}).get("reservation"),
        "decided_at": datetime.now(UTC).isoformat(),
        "elapsed_ms": 1500,
        "mode": "single",
        "is_blind": bool((task.detail or {}).get("is_blind")),
    }
