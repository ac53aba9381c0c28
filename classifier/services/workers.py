"""Signs of life of workers."""

from __future__ import annotations

import time
from collections.abc import Iterable

from classifier.selectors.workers import ALIVE_SECONDS, presence_key, redis_client


def worker_seen(*, name: str, queues: Iterable[str]) -> None:
    """Record that a worker serving ``queues`` is alive now, and forget those silent for long."""
    now = time.time()
    pipeline = redis_client().pipeline(transaction=False)
    for queue in queues:
        pipeline.zadd(presence_key(queue), {name: now})
        pipeline.zremrangebyscore(presence_key(queue), "-inf", now - 4 * ALIVE_SECONDS)
    pipeline.execute()


def worker_gone(*, name: str, queues: Iterable[str]) -> None:
    """Record that a worker has stopped."""
    for queue in queues:
        redis_client().zrem(presence_key(queue), name)
