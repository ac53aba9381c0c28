"""What every labelling program that is measured can do, and the measurements that are the same for all of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.client import Client, Reply
from benchmarks.figures import Times

WARM_UP = 5


class Unexpected(RuntimeError):
    """A program answered what its measurement cannot use."""


@dataclass(frozen=True)
class Task:
    """A photo that was handed out; ``detail`` is what the program wants back with the answer."""

    photo_id: int
    detail: Any = None


@dataclass(frozen=True)
class Export:
    """An export: seconds to the first byte and to the last, and how many annotations it held."""

    first_byte: float
    total: float
    n_annotations: int


class Contender(Protocol):
    """One program with one project, as signed-in people use it by its own HTTP API."""

    name: str

    def expert(self, number: int) -> Client:
        """The ``number``-th expert, signed in on a connection of their own."""

    def next(self, client: Client) -> tuple[Reply, list[Task]]:
        """What this expert is handed now; empty when there is nothing left."""

    def submit(self, client: Client, task: Task) -> Reply:
        """Label one photo."""

    def first_page(self, client: Client) -> Reply:
        """The first page of many photos."""

    def health(self, client: Client) -> Reply:
        """What a load balancer would ask."""

    def export(self) -> Export:
        """All annotations, as a file."""


def expect(reply: Reply, *statuses: int) -> Reply:
    """The reply, if it has one of these statuses.

    Raises:
        Unexpected: it has another.
    """
    if reply.status not in statuses:
        raise Unexpected(f"answered {reply.status}: {reply.body[:300]!r}")
    return reply


@dataclass
class Labelling:
    """What one expert waited for: next photo, then the answer to its label."""

    next: Times = field(default_factory=Times)
    submit: Times = field(default_factory=Times)


def label(contender: Contender, client: Client, n: int, into: Labelling, *, seconds: float = 3600) -> None:
    """Label ``n`` photos one by one, each handed out alone, or as many as ``seconds`` allow."""
    client.close()
    deadline = time.monotonic() + seconds
    for number in range(-WARM_UP, n):
        reply, tasks = contender.next(client)
        if not tasks:
            raise Unexpected("nothing left to label")
        answer = contender.submit(client, tasks[0])
        if number >= 0:
            into.next.add(reply.total)
            into.submit.add(answer.total)
        if time.monotonic() > deadline and number >= 0:
            return


def repeat(ask: Callable[[Client], Reply], client: Client, n: int, *, seconds: float = 3600) -> Times:
    """Ask the same ``n`` times, or as often as ``seconds`` allow."""
    client.close()
    times, deadline = Times(), time.monotonic() + seconds
    for number in range(-WARM_UP, n):
        reply = expect(ask(client), 200, 201)
        if number >= 0:
            times.add(reply.total)
        if time.monotonic() > deadline and number >= 0:
            break
    return times


@dataclass(frozen=True)
class HandOuts:
    """What several experts at once were handed.

    Attributes:
        n: hand-outs, over all experts.
        duplicates: hand-outs of a photo that somebody else had been handed before.
        seconds: how long it took.
        next, submit: what each of them waited for meanwhile.
    """

    n: int
    duplicates: int
    seconds: float
    next: Times
    submit: Times


def hand_outs(
    contender: Contender,
    *,
    n_experts: int,
    each: int,
    seconds: float = 3600,
    meant_for_all: frozenset[int] = frozenset(),
) -> HandOuts:
    """Let experts label at the same time, ``each`` photos or as many as ``seconds`` allow, and count repeats.

    A photo is wanted once, so whatever is handed to a second expert is work done twice. Photos ``meant_for_all``, which
    measure the experts, are not counted.
    """
    crowd = _Crowd(contender, each, time.monotonic() + seconds, [Labelling() for _ in range(n_experts)])
    started = time.monotonic()
    threads = [threading.Thread(target=crowd.work, args=(number,)) for number in range(n_experts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if crowd.failures:
        raise crowd.failures[0]
    counted = {photo_id: n for photo_id, n in crowd.seen.items() if photo_id not in meant_for_all}
    return HandOuts(
        n=sum(counted.values()),
        duplicates=sum(counted.values()) - len(counted),
        seconds=time.monotonic() - started,
        next=Times([sample for wait in crowd.waits for sample in wait.next.samples]),
        submit=Times([sample for wait in crowd.waits for sample in wait.submit.samples]),
    )


@dataclass
class _Crowd:
    """Experts at work; ``seen`` counts to how many of them each photo was handed."""

    contender: Contender
    each: int
    deadline: float
    waits: list[Labelling]
    seen: Counter[int] = field(default_factory=Counter)
    failures: list[BaseException] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def work(self, number: int) -> None:
        """One expert, in a thread; what goes wrong is kept for the one who waits for it."""
        try:
            with _closing(self.contender.expert(number)) as client:
                self._label(client, self.waits[number])
        except BaseException as failure:
            self.failures.append(failure)

    def _label(self, client: Client, wait: Labelling) -> None:
        mine: set[int] = set()
        while len(mine) < self.each and time.monotonic() < self.deadline:
            reply, tasks = self.contender.next(client)
            wait.next.add(reply.total)
            if not tasks:
                return
            new = {task.photo_id for task in tasks} - mine
            mine |= new
            with self.guard:
                self.seen.update(new)
            for task in tasks:
                wait.submit.add(self.contender.submit(client, task).total)


@contextmanager
def _closing(client: Client) -> Iterator[Client]:
    try:
        yield client
    finally:
        client.close()
