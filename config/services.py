"""Embedded PostgreSQL and Redis: started when no DATABASE_URL / REDIS_URL is given, stopped by whoever leaves last.

``make run``, ``manage.py`` in a second terminal and tests may all need them at once, in any order, and any of them may
be killed. So nobody owns them. Each process that uses them holds a shared lock on ``services.lock`` for its lifetime;
the kernel drops it however the process ends. At a normal end a process tries to make its lock exclusive: if that
works, nobody else is there, and it stops what runs. A killed process stops nothing, and the next one finds running
services (which it joins) or stale files (which it clears).

Starting is kept to one process at a time by a second lock. A process that arrives while the last one is stopping waits
on the first lock until it is done, and then starts anew.
"""

from __future__ import annotations

import atexit
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config.embedded.errors import ServiceUnavailable
from config.embedded.postgres import Postgres
from config.embedded.redis import Redis

__all__ = ["ServiceUnavailable", "ensure_postgres", "ensure_redis", "services_leave"]

_held: dict[Path, IO[str]] = {}


def ensure_postgres(var_dir: Path, database: str = "antesis", *, is_durable: bool = True) -> str:
    """Have PostgreSQL run in ``var_dir/postgres`` with ``database`` in it, for this process's lifetime; return its URL.

    Without ``is_durable`` (tests) a power cut may lose data; a killed process still may not.

    Raises:
        ServiceUnavailable: it cannot be started.
    """
    with _starting(var_dir):
        return Postgres(var_dir / "postgres", is_durable=is_durable).ensure(database)


def ensure_redis(var_dir: Path) -> str:
    """Have Redis run in ``var_dir/redis`` for this process's lifetime; return its URL.

    Raises:
        ServiceUnavailable: it cannot be started, or there is none on this machine.
    """
    with _starting(var_dir):
        return Redis(var_dir / "redis").ensure()


def services_leave(var_dir: Path) -> bool:
    """Give up this process's use of the services, and stop them if it was the last; True when they were stopped."""
    lock = _held.pop(var_dir.resolve(), None)
    if lock is None:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        Redis(var_dir / "redis").stop()
        if (var_dir / "postgres" / "PG_VERSION").exists():
            Postgres(var_dir / "postgres").stop()
        return True


@contextmanager
def _starting(var_dir: Path) -> Iterator[None]:
    var_dir.mkdir(parents=True, exist_ok=True)
    _hold(var_dir.resolve())
    with (var_dir / "services.start.lock").open("a") as start_lock:
        fcntl.flock(start_lock, fcntl.LOCK_EX)
        yield


def _hold(var_dir: Path) -> None:
    if var_dir in _held:
        return
    lock = (var_dir / "services.lock").open("a")
    fcntl.flock(lock, fcntl.LOCK_SH)
    _held[var_dir] = lock
    owner = os.getpid()

    def leave() -> None:
        # A forked child inherits this hook and the lock, but is not a user of its own.
        if os.getpid() == owner:
            services_leave(var_dir)

    atexit.register(leave)
