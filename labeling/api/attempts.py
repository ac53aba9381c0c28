"""Counting failures to come in, in the cache that all web processes share."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled

WINDOW_SECONDS = 300

logger = logging.getLogger(__name__)


class FailedAttempts:
    """The failures within the window, each limit counted by itself.

    While the cache is down nothing is counted: experts who cannot sign in lose a day's work, and what is guessed at
    bears an hour of guessing (passwords are hashed slowly, tokens are long).

    Args:
        kind: what is attempted.
        limits: (what is counted, its value) -> the most failures.
    """

    def __init__(self, kind: str, limits: Mapping[tuple[str, str], int]) -> None:
        self._kind = kind
        self._limits = {self._key(what, value): most for (what, value), most in limits.items()}

    def _key(self, what: str, value: str) -> str:
        return f"{self._kind}:{what}:{hashlib.sha256(value.encode()).hexdigest()}"

    def check(self) -> None:
        """Refuse once there were too many failures.

        Raises:
            Throttled: 429, code "throttled".
        """
        try:
            counts = cache.get_many(self._limits)
        except RedisError:
            logger.warning("%s attempts are not counted: the cache is down", self._kind)
            return
        if any(counts.get(key, 0) >= most for key, most in self._limits.items()):
            raise Throttled(wait=WINDOW_SECONDS)

    def failed(self) -> None:
        """Count one failure."""
        try:
            for key in self._limits:
                cache.add(key, 0, timeout=WINDOW_SECONDS)
                cache.incr(key)
        except (RedisError, ValueError):  # ValueError: the window ended between the two
            logger.warning("a failed %s was not counted", self._kind)
