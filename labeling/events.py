"""Facts announced after they are committed. Ids only: a receiver loads what it needs, or finds it gone.

A service calls ``announce`` inside its transaction; receivers (``receivers.py``) do nothing but enqueue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.dispatch import Signal

photo_received = Signal()  # photo_id
photo_ingested = Signal()  # photo_id, project_id
import_requested = Signal()  # import_batch_id
export_requested = Signal()  # export_id
consensus_reached = Signal()  # photo_id, project_id
consensuses_reached = Signal()  # project_id: of many photos at once
consensus_withdrawn = Signal()  # photo_id, project_id
queue_running_low = Signal()  # project_id
agreement_requested = Signal()  # project_id
scale_migration_requested = Signal()  # migration_id
scale_migrated = Signal()  # project_id: another version of the scale is current
webhook_waiting = Signal()  # webhook_id


def announce(fact: Signal, **ids: Any) -> None:
    """Send ``fact`` once the surrounding transaction has committed; a receiver's error is logged, never raised.

    The write has happened by then: a broker that is down must not turn it into an error for the caller.
    """
    transaction.on_commit(lambda: fact.send_robust(sender=None, **ids))


@contextmanager
def heard_only_by(fact: Signal, receiver: Callable[..., None]) -> Iterator[None]:
    """While the block runs, ``receiver`` hears of ``fact`` and whoever else would does not, in this process.

    For commands that do at once what is otherwise enqueued.
    """
    others = fact.receivers
    fact.receivers = []
    fact.connect(receiver)
    try:
        yield
    finally:
        fact.receivers = others
