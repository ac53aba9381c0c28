"""Who may write to the row of an export, of labels or of a model; its file comes and goes with the row.

A row has ``state``, ``attempt``, ``heartbeat_at``, ``finished_at``, ``done``, ``error``, ``result`` and
``expires_at``, as :class:`labeling.models.ExportJob` has, and the same names of states. Every write is one statement
that names the attempt.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from labeling.models import ExportJob
from labeling.selectors.exports import LEASE
from labeling.selectors.leases import silent_for

KEPT_FOR = timedelta(days=7)
MAX_ATTEMPTS = 3
State = ExportJob.State


def export_claim(export: Any, *, key_of: Callable[[int, int], str]) -> bool:
    """Take the export, if nobody has it or its holder has been silent for a lease. One statement decides.

    Args:
        export: the row; read again when it was taken.
        key_of: storage key of the file that an attempt writes, by the row's id and the attempt.
    """
    free = Q(state=State.PENDING) | Q(state=State.RUNNING) & silent_for(LEASE)
    rows = type(export)._default_manager.filter(free, pk=export.pk)
    if not rows.update(state=State.RUNNING, heartbeat_at=Now(), attempt=F("attempt") + 1, done=0):
        return False
    export.refresh_from_db()
    for attempt in range(1, export.attempt):  # what a killed worker may have stored without saying so
        default_storage.delete(key_of(export.pk, attempt))
    if export.attempt <= MAX_ATTEMPTS:
        return True
    export_finish(export, state=State.FAILED, error=f"The export was interrupted {MAX_ATTEMPTS} times.")
    return False


def export_finish(export: Any, *, state: str, **fields: Any) -> bool:
    """End the run, unless the row has gone to somebody else meanwhile; whether it was ours."""
    ours = type(export)._default_manager.filter(pk=export.pk, state=State.RUNNING, attempt=export.attempt)
    return bool(ours.update(state=state, finished_at=timezone.now(), **fields))


def export_cancelled(export: Any) -> None:
    """Stop an export that is not done, or delete the file of one that is. Safe to repeat."""
    rows = type(export)._default_manager.filter(pk=export.pk)
    unfinished = rows.filter(state__in=[State.PENDING, State.RUNNING])
    if not unfinished.update(state=State.CANCELLED, finished_at=timezone.now()):
        files_drop(rows)


def files_drop(exports: QuerySet[Any]) -> int:
    """Delete the files of those exports that are done; returns how many.

    Row first: a file without a row is found by nobody, a row without a file would be offered to people.
    """
    n_dropped = 0
    for pk, key in exports.filter(state=State.DONE).values_list("pk", "result"):
        done = exports.model._default_manager.filter(pk=pk, state=State.DONE)
        if done.update(state=State.EXPIRED, result=""):
            default_storage.delete(key)
            n_dropped += 1
    return n_dropped
