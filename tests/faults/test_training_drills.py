"""What else may happen to a machine that trains: full disks, services that restart, second beats, clocks that jump.

Too slow for every run (a minute each); ``python -m config.checks drills`` runs them.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import libfaketime  # type: ignore[import-untyped]  # it has no types
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from classifier.models import ModelVersion, RunState, TrainingRun
from classifier.services.training import training_run_start
from classifier.tasks import training_run
from config.embedded.postgres import Postgres
from tests.faults.trainings import SHORT, SMALL_AND_LONG, assert_ended_once, labelled_project, present
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.drill,
    pytest.mark.slow,
    pytest.mark.nn,
    pytest.mark.django_db(transaction=True),
]

DISK_BYTES = 96 << 20
FAKE_CLOCK = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"


def begun(stack: Stack, folder: Path, *names: str, environment: dict[str, str] | None = None) -> TrainingRun:
    """A run three epochs in, with processes of these names (and, all of them, with this more in their environment)."""
    project = labelled_project(stack, folder / "photos")
    stack.extra_environment |= environment or {}
    stack.start(*names)
    run = training_run_start(project=project, trigger=TrainingRun.Trigger.COMMAND, config=SMALL_AND_LONG)
    wait_until(lambda: len(present(run).curves) >= 3, what=f"it trains\n{stack.log('train')}", patience=300)
    return run


def said(run: TrainingRun, words: str) -> bool:
    """Whether a line of the run's log has these words."""
    return run.log_lines.filter(message__contains=words).exists()


@contextmanager
def disk(folder: Path) -> Iterator[Path]:
    """A small file system of its own at ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "drill", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def filled(folder: Path) -> Path:
    """Take all space there is; returns the file to delete."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass
    assert os.statvfs(folder).f_bavail == 0
    return ballast


@pytest.mark.parametrize("place", ["models", "work"])
def test_a_full_disk_is_waited_out(stack: Stack, tmp_path: Path, place: str) -> None:
    """GIVEN a disk that fills up amid a run, WHEN there is space again, THEN the run ends; nothing half is left.

    ``models`` is where models are stored, ``work`` where checkpoints and the model's file are written first.
    """
    folder = Path(settings.MEDIA_DIR) / "models" if place == "models" else tmp_path / "work"
    with disk(folder):
        run = begun(stack, tmp_path, "train")
        ballast = filled(folder)
        wait_until(lambda: said(run, "the work is tried again"), what=f"it waits\n{stack.log('train')}")
        assert said(run, "No space left on device")
        assert not ModelVersion.objects.filter(run=run).exists()
        assert not [path for path in folder.rglob("*") if path.suffix in (".part", ".zip")], "half a model is left"
        ballast.unlink()
        assert_ended_once(stack, run)
        assert run.attempts == 1
        stack.stop_all()


def test_redis_may_lose_everything_amid_a_run(stack: Stack, tmp_path: Path) -> None:
    """GIVEN a run, WHEN Redis is emptied, THEN it ends once; and a run whose message was lost is sent again by beat."""
    run = begun(stack, tmp_path, "default", "train", "beat")
    redis.Redis.from_url(stack.redis_url).flushdb()
    assert_ended_once(stack, run)
    assert run.attempts == 1

    following = training_run_start(
        project=run.project, trigger=TrainingRun.Trigger.COMMAND, config={**SHORT, "epochs": 5}, force=True
    )
    redis.Redis.from_url(stack.redis_url).flushdb()
    if present(following).state == RunState.QUEUED:
        TrainingRun.objects.filter(pk=following.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    assert_ended_once(stack, following)


def test_postgres_is_restarted_amid_a_run(stack: Stack, tmp_path: Path) -> None:
    """GIVEN a run, WHEN PostgreSQL is stopped and started, THEN the run ends once, without training anything again."""
    run = begun(stack, tmp_path, "default", "train", "beat")
    epochs = len(run.curves)
    name = connection.settings_dict["NAME"]
    server = Postgres(settings.VAR_DIR / "postgres", is_durable=False)
    connection.close()
    server.stop()
    server.ensure(name)
    assert_ended_once(stack, run)
    assert len(run.curves) > epochs
    assert run.deaths == 1


def test_two_beats_and_messages_that_come_twice(stack: Stack, tmp_path: Path) -> None:
    """GIVEN two beats, two workers, a message sent four times, WHEN one worker dies, THEN the run ends once."""
    other = Stack(tmp_path / "other", stack.database_url, stack.redis_url, stack.media_dir, stack.extra_environment)
    other.folder.mkdir()
    try:
        run = begun(stack, tmp_path, "default", "train", "beat")
        for _ in range(3):
            training_run.delay(run.pk)
        other.start("beat", "train")
        stack.kill("train")
        # Its successor waits already: the messages that came twice bring the run to it, or one of the beats does.
        wait_until(lambda: present(run).attempts == 2, what=f"it is taken up\n{other.log('train')}")
        stack.start("train")
        training_run.delay(run.pk)
        assert_ended_once(other, run)
        assert run.attempts == 2
    finally:
        other.stop_all()


def test_clocks_jump_amid_a_run(stack: Stack, tmp_path: Path) -> None:
    """GIVEN processes whose clock jumps ahead, then back, WHEN the worker is killed, THEN the run ends once."""
    clock = tmp_path / "clock"

    def jump(hours: int) -> None:
        aside = tmp_path / "clock.part"
        aside.write_text(f"{hours:+d}h\n")
        aside.replace(clock)

    jump(0)
    fake = {
        "LD_PRELOAD": str(FAKE_CLOCK),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    run = begun(stack, tmp_path, "default", "train", "beat", environment=fake)
    for hours in (2, -3):
        epochs = len(present(run).curves)
        jump(hours)
        wait_until(lambda n=epochs: len(present(run).curves) > n or run.finished_at, what="it goes on")
    assert (run.state, run.attempts) == (RunState.RUNNING, 1)
    stack.kill("train")
    stack.start("train")
    assert_ended_once(stack, run)
    assert run.attempts == 2
