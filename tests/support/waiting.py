"""Waiting for something that another process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# A bound against hanging for ever, not a claim about speed: shared machines are slow at times.
PATIENCE_SECONDS = 120.0


def wait_until(condition: Callable[[], T], *, what: str, patience: float = PATIENCE_SECONDS, every: float = 0.1) -> T:
    """Ask ``condition`` until it answers something true, and return that.

    Raises:
        AssertionError: it did not within ``patience`` seconds; names ``what`` was waited for and the last answer.
    """
    deadline = time.monotonic() + patience
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain until {what}; last answer: {answer!r}")
        time.sleep(every)
    return answer
