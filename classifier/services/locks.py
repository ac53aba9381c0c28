"""Advisory locks: who may work on a run or a project, told by PostgreSQL and freed when the holder's process dies."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


class LockSpace(enum.IntEnum):
    """First key of a two-key advisory lock, so that run 7 and project 7 are different locks."""

    TRAINING_RUN = 4201
    PROJECT_REFRESH = 4202


@contextmanager
def advisory_lock(space: LockSpace, key: int) -> Iterator[bool]:
    """Try to take the lock; yields whether it was free.

    The lock lives on a connection of its own. A session lock on the caller's connection would be lost without a word
    when that connection is renewed, and shared by everything else the process does; on its own connection it ends
    exactly when the block does or when the process dies.
    """
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s, %s)", [int(space), key])
            is_ours = bool(cursor.fetchone()[0])
        yield is_ours
    finally:
        holder.close()
