"""A running export's signs of life, and its ear for cancellation."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now

from labeling.models import ExportJob

log = structlog.get_logger(__name__)

INTERVAL_SECONDS = 1.0


class ExportReporter:
    """Writes the heartbeat and the count of rows once a second, from a thread with a connection of its own.

    So a long step that reports nothing (a large file going to a bucket) has a heartbeat too. Every write names the
    attempt; when the row no longer carries it, ``is_lost`` turns true and stays so.

    Args:
        job: a row with ``state``, ``attempt``, ``heartbeat_at``, ``done`` and ``total``, as :class:`ExportJob` has.
        total: of ``done``, as far as it is known.

    Attributes:
        done, total: rows (or steps) so far and in all; set by the run.
    """

    def __init__(self, job: Any, *, total: int) -> None:
        rows = type(job)._default_manager
        self._ours = rows.filter(pk=job.pk, state=ExportJob.State.RUNNING, attempt=job.attempt)
        self._lost, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"report-export-{job.pk}", daemon=True)
        self.done, self.total = 0, total

    def __enter__(self) -> ExportReporter:
        self._write()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()

    @property
    def is_lost(self) -> bool:
        """Whether the export was cancelled, or belongs to another attempt."""
        return self._lost.is_set()

    def _work(self) -> None:
        try:
            while not self._closing.wait(INTERVAL_SECONDS):
                try:
                    self._write()
                except (OperationalError, InterfaceError) as error:  # the database is away: the next beat tries again
                    log.warning("export_beat_failed", error=str(error))
                    connection.close()
        finally:
            connection.close()

    def _write(self) -> None:
        if not self._ours.update(heartbeat_at=Now(), done=self.done, total=max(self.total, self.done)):
            self._lost.set()
