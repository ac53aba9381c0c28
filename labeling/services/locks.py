"""Advisory locks of the labelling side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    """What a lock orders; the number is the lock's first key in PostgreSQL and must not change.

    Order in which they are taken: ANNOTATOR, then SCALE, then rows of photos, then rows of entries, then QUEUE.
    """

    ANNOTATOR = 7101
    """One person's reservations and decisions, so that two tabs (or a replay) do not race each other."""
    QUEUE = 7102
    """The making of a project's query batches."""
    GROUPING = 7103
    """The grouping of a project's new photos: two of one burst must see each other. Taken before any row."""
    ESTIMATE = 7104
    """The estimate of a project's annotators; held for the length of the work, see :func:`session_lock`."""
    SCALE = 7105
    """Which version of a project's scale is in use. Whoever writes by positions or stages of the current version shares
    it, see :func:`scale_held`; a migration holds it alone."""


def hold(lock: Lock, key: int) -> None:
    """Wait for ``lock`` on ``key`` and keep it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [int(lock), key % 2**31])


def scale_held(*, project_id: int) -> None:
    """Keep the project's current scale from being changed until the transaction ends.

    Whoever reads the current stages in order to write by them calls it first: what was read then stays true.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(%s, %s)", [int(Lock.SCALE), project_id % 2**31])


def scale_of_photo_held(*, photo_id: int) -> None:
    """As :func:`scale_held`, of the project that a photo belongs to; nothing where there is no such photo."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select pg_advisory_xact_lock_shared(%s, (project_id & 2147483647)::int) from labeling_photo where id = %s
            """,
            [int(Lock.SCALE), photo_id],
        )


@contextmanager
def session_lock(space: int, key: int) -> Iterator[bool]:
    """Try to take a lock for as long as the block runs; yields whether it was free.

    The lock lives on a connection of its own. A session lock on the caller's connection would be lost without a word
    when that connection is renewed, and shared by everything else the process does; on its own connection it ends
    exactly when the block does or when the process dies.
    """
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s, %s)", [space, key % 2**31])
            is_ours = bool(cursor.fetchone()[0])
            yield is_ours
            if is_ours:  # closing frees it too, but a moment later
                cursor.execute("select pg_advisory_unlock(%s, %s)", [space, key % 2**31])
    finally:
        holder.close()
