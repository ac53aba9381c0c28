"""Signs of life of workers."""

from __future__ import annotations

from collections.abc import Iterable

from classifier.selectors.workers import ALIVE_SECONDS, broker_time, draining_key, presence_key, redis_client

DRAINING_SECONDS = 3600


def worker_seen(*, name: str, queues: Iterable[str]) -> None:
    """Record that a worker serving ``queues`` is alive now, and forget those silent for long."""
    now = broker_time()
    pipeline = redis_client().pipeline(transaction=False)
    for queue in queues:
        pipeline.zadd(presence_key(queue), {name: now})
        pipeline.zremrangebyscore(presence_key(queue), "-inf", now - 4 * ALIVE_SECONDS)
    pipeline.execute()


def worker_gone(*, name: str, queues: Iterable[str]) -> None:
    """Record that a worker has stopped."""
    for queue in queues:
        redis_client().zrem(presence_key(queue), name)


def worker_draining(*, name: str) -> None:
    """Record that a worker was told to stop: what it trains is handed on after the epoch at hand."""
    redis_client().set(draining_key(name), 1, ex=DRAINING_SECONDS)


def worker_begun(*, name: str) -> None:
    """Forget that a worker of this name was once told to stop."""
    redis_client().delete(draining_key(name))
