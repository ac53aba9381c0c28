"""Celery's beat, past a clock that is set back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from celery.beat import PersistentScheduler

logger = structlog.get_logger("antesis.beat")

TOLERANCE = timedelta(seconds=2)


class SteadyScheduler(PersistentScheduler):
    """Celery's own scheduler, whose entries never wait for a past that is yet to come.

    Beat notes when each task ran last, by the clock on the wall, and keeps the notes in a file. After the clock was set
    back by an hour (or beat was restarted on a machine whose clock was an hour ahead), Celery's scheduler is silent for
    that hour: nobody would look for dead workers and lost messages.
    """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; first, what ran "in the future" is taken to have run just now."""
        ahead = [
            entry
            for entry in self.schedule.values()
            if entry.last_run_at is not None and entry.last_run_at > entry.default_now() + TOLERANCE
        ]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        if ahead:
            logger.warning("clock_was_set_back", entries=len(ahead))
            self._heap = None  # its times are of the former clock, too
        return float(super().tick(*args, **kwargs))
