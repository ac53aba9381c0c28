"""Counting failed sign-ins, by account and by address, in the cache that all web processes share."""

from __future__ import annotations

import hashlib
import logging
import math

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

WINDOW_SECONDS = 300
MOST_PER_ACCOUNT = 10
MOST_PER_ADDRESS = 50

logger = logging.getLogger(__name__)


class SignInAttempts:
    """The failures of one account and one address within the window.

    The answer is the same whether or not the account exists. While the cache is down nothing is counted: experts who
    cannot sign in lose a day's work, and passwords are hashed slowly enough to bear an hour of guessing.
    """

    def __init__(self, request: Request, account: str) -> None:
        address = request.META.get("REMOTE_ADDR", "")
        self._limits = {
            self._key("account", account.strip().lower()): MOST_PER_ACCOUNT,
            self._key("address", address): MOST_PER_ADDRESS,
        }

    @staticmethod
    def _key(what: str, value: str) -> str:
        return f"sign-in:{what}:{hashlib.sha256(value.encode()).hexdigest()}"

    def check(self) -> None:
        """Refuse once there were too many failures.

        Raises:
            Throttled: 429, code "throttled".
        """
        try:
            counts = cache.get_many(self._limits)
        except RedisError:
            logger.warning("sign-in attempts are not counted: the cache is down")
            return
        if any(counts.get(key, 0) >= most for key, most in self._limits.items()):
            raise Throttled(wait=math.ceil(WINDOW_SECONDS))

    def failed(self) -> None:
        """Count one failure."""
        try:
            for key in self._limits:
                cache.add(key, 0, timeout=WINDOW_SECONDS)
                cache.incr(key)
        except (RedisError, ValueError):  # ValueError: the window ended between the two
            logger.warning("a failed sign-in was not counted")
