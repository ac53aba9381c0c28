"""SIGTERM to the train worker amid a run: it ends at once, hands the run on, and less than an epoch is lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from classifier.models import RunState, TrainingRun
from classifier.services.training import training_run_start
from tests.faults.trainings import SMALL_AND_LONG, labelled_project
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.nn, pytest.mark.django_db(transaction=True)]

GRACE_SECONDS = 30
"""What docker-compose.yml gives a stopping ml worker before it is killed."""


def _now(run: TrainingRun) -> TrainingRun:
    run.refresh_from_db()
    return run


def _epochs(run: TrainingRun) -> list[tuple[bool, int, int]]:
    return sorted((point["fold"] == 0, point["fold"], point["epoch"]) for point in _now(run).curves)


def test_a_stopping_worker_hands_its_run_on(stack: Stack, tmp_path: Path) -> None:
    """GIVEN a run some epochs in, WHEN its worker is told to stop, THEN it stops in time and another goes on."""
    project = labelled_project(stack, tmp_path / "photos")
    stack.start("default", "train", "beat")
    run = training_run_start(project=project, trigger=TrainingRun.Trigger.COMMAND, config=SMALL_AND_LONG)
    wait_until(lambda: len(_epochs(run)) >= 3, what=f"three epochs are done\n{stack.log('train')}")

    worker = stack.processes["train"]
    os.kill(worker.pid, signal.SIGTERM)  # the worker alone, as an engine does it, not its pool
    wait_until(lambda: worker.poll() is not None, what="the worker has stopped", patience=GRACE_SECONDS)
    stack.stop("train")
    reached = _epochs(run)[-1]
    assert (run.state, run.deaths) == (RunState.LOST, 0)
    # The row forgets its curves, so that what stands there later was trained by the second worker.
    TrainingRun.objects.filter(pk=run.pk).update(curves=[])

    stack.start("train")
    wait_until(lambda: _epochs(run), what=f"the run goes on\n{stack.log('train')}")

    assert _epochs(run)[0] > reached, "the second worker trained epochs again that the first had finished"
    assert run.attempts == 2
