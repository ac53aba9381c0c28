"""Advisory locks of the labelling side, held to the end of the transaction."""

from __future__ import annotations

from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    """What a lock orders; the number is the lock's first key in PostgreSQL and must not change.

    Order in which they are taken: ANNOTATOR, then rows of photos, then rows of entries, then QUEUE.
    """

    ANNOTATOR = 7101
    """One person's reservations and decisions, so that two tabs (or a replay) do not race each other."""
    QUEUE = 7102
    """The making of a project's query batches."""
    GROUPING = 7103
    """The grouping of a project's new photos: two of one burst must see each other. Taken before any row."""


def hold(lock: Lock, key: int) -> None:
    """Wait for ``lock`` on ``key`` and keep it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [int(lock), key % 2**31])
