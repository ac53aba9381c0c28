"""The plans of every statement of "next" and "submit", on a database as the benchmark fills it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.contenders import Task
from benchmarks.place import SLUG, Place, connect
from benchmarks.plans import Plan, explained, faults, plan_lines

REPEATS = 5
WINDOW = 12


@dataclass
class RequestPlans:
    """Plans of several repeats of each request at one size."""

    size: int
    requests: dict[str, list[list[Plan]]] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return max((len(repeats) for repeats in self.requests.values()), default=0)

    def pages(self, request: str) -> float:
        """Pages touched by one such request, on average."""
        repeats = self.requests[request]
        return sum(plan.buffers for plans in repeats for plan in plans) / len(repeats)

    def faults(self, request: str) -> list[str]:
        """What grows with the project, each statement once."""
        found = [fault for plans in self.requests[request] for fault in faults(plans)]
        return sorted({fault.split(": ", 1)[1]: fault for fault in found}.values())

    def text(self) -> str:
        """All plans of the last repeat of each request."""
        lines = [f"{self.size} photos"]
        for request, repeats in self.requests.items():
            lines += ["", f"=== {request}: {len(repeats[-1])} statements, {self.pages(request):.0f} pages"]
            for fault in self.faults(request):
                lines.append(f"!!! {fault}")
            for plan in repeats[-1]:
                lines += ["", *plan_lines(plan)]
        return "\n".join(lines)


def request_plans(place: Place, size: int, *, fills: int) -> RequestPlans:
    """Make the requests of the bench in this process, and keep the plans of all their statements.

    Args:
        place: where the database is.
        size: of the project.
        fills: how often to find the queue empty, so that it is filled by arrival.
    """
    from benchmarks.antesis import decision
    from benchmarks.rows import rows_database

    found = RequestPlans(size)
    with _expert(rows_database(place, size)) as (client, path):
        post = lambda where, body: client.post(f"{path}{where}", body, content_type="application/json")  # noqa: E731
        for _ in range(REPEATS):
            with explained() as plans:
                reserved = post("/queue/reserve", {"count": WINDOW})
            found.requests.setdefault("next", []).append(plans)
            item = reserved.json()["items"][0]
            body = {"decisions": [decision(Task(item["photo_id"], item))]}
            with explained() as plans:
                answered = post("/decisions", body)
            assert answered.json()["results"][0]["outcome"] == "applied", answered.content
            found.requests.setdefault("submit", []).append(plans)
        post("/triage/reserve", {"stage": REPEATS, "count": 60})
        for stage in range(REPEATS):
            with explained() as plans:
                post("/triage/reserve", {"stage": stage, "count": 60})
            found.requests.setdefault("grid", []).append(plans)
        post("/queue/release", {"mode": "grid"})
        for _ in range(fills):
            _empty_queue()
            with explained() as plans:
                post("/queue/reserve", {"count": WINDOW})
            found.requests.setdefault("next_with_empty_queue", []).append(plans)
    return found


@contextmanager
def _expert(database_url: str) -> Iterator[tuple[Any, str]]:
    from django.test import Client

    from labeling.models import User

    connect(database_url)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(email="expert0@bench.example"))
    yield client, f"/api/v1/projects/{SLUG}"


def _empty_queue() -> None:
    """As if everything in it had been decided; the photos become open to the next filling."""
    from labeling.models import QueueEntry, Reservation

    Reservation.objects.all().delete()
    QueueEntry.objects.all().delete()
