"""Which workers are there: their signs of life in Redis, written by ``classifier.services.workers``."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import redis
import structlog
from django.conf import settings

logger = structlog.get_logger(__name__)

QUEUES = ("default", "score", "train")
ALIVE_SECONDS = 15.0


@dataclass(frozen=True)
class QueueWorkers:
    """The workers that serve a queue."""

    queue: str
    names: list[str] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        return bool(self.names)


@functools.cache
def redis_client() -> redis.Redis:
    """A client of the broker; short timeouts, since a page must not hang on it."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, decode_responses=True)


def broker_time() -> float:
    """Seconds by the broker's clock, the one that all machines share: their own may differ by more than a sign of life.

    Raises:
        redis.RedisError: the broker does not answer.
    """
    seconds, microseconds = redis_client().time()
    return float(seconds) + microseconds / 1e6


def presence_key(queue: str) -> str:
    """Sorted set of worker names by the time they were last seen."""
    return f"antesis:workers:{queue}"


def draining_key(name: str) -> str:
    """There while the worker of this name is stopping."""
    return f"antesis:draining:{name}"


def worker_is_draining(*, name: str) -> bool:
    """Whether a worker was told to stop; False when the broker does not answer."""
    try:
        return bool(redis_client().exists(draining_key(name)))
    except redis.RedisError:
        return False


def queue_workers() -> list[QueueWorkers]:
    """Workers by queue, seen in the last ``ALIVE_SECONDS``; none when the broker does not answer."""
    try:
        since = broker_time() - ALIVE_SECONDS
        pipeline = redis_client().pipeline(transaction=False)
        for queue in QUEUES:
            pipeline.zrangebyscore(presence_key(queue), since, "+inf")
        return [QueueWorkers(queue, sorted(names)) for queue, names in zip(QUEUES, pipeline.execute(), strict=True)]
    except redis.RedisError as error:
        logger.warning("broker_unreachable", error=str(error))
        return [QueueWorkers(queue) for queue in QUEUES]
