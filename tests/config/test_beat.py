"""Beat after a clock was set back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from celery.beat import PersistentScheduler

from config.beat import SteadyScheduler
from config.celery import app


def sent_at_once(kind: type[PersistentScheduler], folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What a scheduler sends in a few ticks when everything ran last an hour from now."""
    scheduler = kind(app=app, schedule_filename=str(folder / kind.__name__), lazy=True)
    scheduler.setup_schedule()
    sent: set[str] = set()
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer=None: sent.add(entry.name))
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() + timedelta(hours=1)
    scheduler.tick()
    for entry in scheduler.schedule.values():  # half a minute later
        entry.last_run_at -= timedelta(seconds=31)
    scheduler._heap = None
    for _ in range(20):
        scheduler.tick()
    scheduler.close()
    return sent


def test_what_ran_in_the_future_is_due_again_after_its_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN a clock set back by an hour, THEN ours sends in its rhythm; Celery's, as a check of the check, nothing."""
    assert {"training-runs-lost", "projects-behind"} <= sent_at_once(SteadyScheduler, tmp_path, monkeypatch)
    assert sent_at_once(PersistentScheduler, tmp_path, monkeypatch) == set()


def test_it_is_the_one_in_use() -> None:
    assert app.conf.beat_scheduler == "config.beat:SteadyScheduler"
