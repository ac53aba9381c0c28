"""Each worker says every few seconds that it lives, so that the pages can tell "waiting" from "nobody is there".

``classifier.services.workers`` keeps the marks; here is when they are made.
"""

from __future__ import annotations

import threading
from typing import Any

import redis
import structlog
from celery import signals

from classifier.selectors.workers import ALIVE_SECONDS
from classifier.services.workers import worker_begun, worker_draining, worker_gone, worker_seen

_INTERVAL_SECONDS = ALIVE_SECONDS / 3

log = structlog.get_logger("antesis.worker")


class _Heartbeat(threading.Thread):
    """Marks one worker alive for each of its queues until told to stop.

    A thread of its own, not a timer of the worker: that one stands still while the worker looks for a lost broker, and
    a busy pool must not look like a dead one.
    """

    def __init__(self, name: str, queues: list[str]) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.worker_name = name
        self.queues = queues
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                worker_seen(name=self.worker_name, queues=self.queues)
            except redis.RedisError as error:
                log.warning("heartbeat_missed", error=str(error))
            self.stopping.wait(_INTERVAL_SECONDS)

    def end(self) -> None:
        self.stopping.set()
        try:
            worker_draining(name=self.worker_name)
            worker_gone(name=self.worker_name, queues=self.queues)
        except redis.RedisError as error:
            log.warning("heartbeat_not_withdrawn", error=str(error))


_running: list[_Heartbeat] = []


def _begin(sender: Any, **_: Any) -> None:
    # The sender of worker_ready is the consumer: it knows the worker's full name and the queues it was told to serve.
    try:
        worker_begun(name=sender.hostname)
    except redis.RedisError as error:
        log.warning("draining_not_forgotten", error=str(error))
    heartbeat = _Heartbeat(sender.hostname, sorted(str(name) for name in sender.app.amqp.queues.consume_from))
    heartbeat.start()
    _running.append(heartbeat)


def _end(**_: Any) -> None:
    while _running:
        _running.pop().end()


def connect() -> None:
    """Begin with the worker and end with it; called once by ``config.celery``."""
    signals.worker_ready.connect(_begin, weak=False)
    signals.worker_shutting_down.connect(_end, weak=False)
