"""A running training's voice: heartbeat, progress, curves and log lines, and its ear for cancellation."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now

from classifier.core.contracts import CurvePoint, Progress
from classifier.models import RunLogLine, RunState, TrainingRun
from classifier.selectors.workers import worker_is_draining

logger = structlog.get_logger(__name__)

INTERVAL_SECONDS = 1.0
STEP_LENGTH = 80


class RunReporter:
    """Writes what a training reports, once a second, from a thread with a database connection of its own.

    The training only leaves notes in memory. So a phase that reports nothing for a minute (building a network, reading
    photos) still has a heartbeat, a database that is away for a moment costs a late note and no training, and the
    answer of ``should_stop`` is never older than a second.

    Every write names the attempt. When the row no longer carries it (the run was given to another worker, or ended),
    nothing is written and ``is_lost`` turns true.
    """

    def __init__(self, run: TrainingRun) -> None:
        self._run_id = run.pk
        self._attempt = run.attempts
        self._guard = threading.Lock()
        self._curves: list[Any] = list(run.curves)
        self._fields: dict[str, Any] = {}
        self._lines: list[RunLogLine] = []
        self._lost = threading.Event()
        self._cancelled = threading.Event()
        self._draining = threading.Event()
        self._worker = run.worker
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"report-run-{run.pk}", daemon=True)

    def __enter__(self) -> RunReporter:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()

    @property
    def is_lost(self) -> bool:
        """Whether the run belongs to another attempt by now, or is over."""
        return self._lost.is_set()

    @property
    def is_to_hand_over(self) -> bool:
        """Whether only our worker ends, and the run should go on elsewhere."""
        return self._draining.is_set() and not self._cancelled.is_set() and not self._lost.is_set()

    def should_stop(self) -> bool:
        """Whether the training should end without a result: cancelled, no longer ours, or its worker is to stop."""
        return self._cancelled.is_set() or self._lost.is_set() or self._draining.is_set()

    def on_progress(self, progress: Progress) -> None:
        """Note where the training stands."""
        with self._guard:
            self._fields["progress"] = min(max(progress.fraction, 0.0), 1.0)
            self._fields["step"] = progress.step[:STEP_LENGTH]
            self._fields["eta_seconds"] = progress.eta_seconds
            if progress.curve is not None:
                self._curves = _with_point(self._curves, progress.curve)
                self._fields["curves"] = self._curves

    def on_log(self, level: str, message: str) -> None:
        """Note a line for the run's log."""
        line = RunLogLine(run_id=self._run_id, level=level, message=message)
        with self._guard:
            self._lines.append(line)

    def note_step(self, step: str) -> None:
        """Note what is being done, outside the training proper."""
        with self._guard:
            self._fields["step"] = step[:STEP_LENGTH]

    def _work(self) -> None:
        try:
            is_last = False
            while not is_last:
                is_last = self._closing.wait(INTERVAL_SECONDS)
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        """Write the notes; keep them for the next beat when the database is away."""
        with self._guard:
            fields, lines = self._fields, self._lines
            self._fields, self._lines = {}, []
        mine = TrainingRun.objects.filter(pk=self._run_id, state=RunState.RUNNING, attempts=self._attempt)
        try:
            with transaction.atomic():
                if not mine.update(heartbeat_at=Now(), **fields):
                    self._lost.set()
                    return
                RunLogLine.objects.bulk_create(lines)
                is_cancelled = mine.filter(cancel_requested_at__isnull=False).exists()
            if is_cancelled:
                self._cancelled.set()
            if worker_is_draining(name=self._worker):
                self._draining.set()
        except (OperationalError, InterfaceError) as error:
            logger.warning("run_report_delayed", run_id=self._run_id, error=str(error))
            connection.close()
            with self._guard:
                self._fields = {**fields, **self._fields}
                self._lines = lines + self._lines


def _with_point(curves: list[Any], point: CurvePoint) -> list[Any]:
    """Curves with ``point`` put in; an epoch that is run again after a resume replaces its first report."""
    place = (point["member"], point["fold"], point["epoch"])
    return [old for old in curves if (old["member"], old["fold"], old["epoch"]) != place] + [dict(point)]
