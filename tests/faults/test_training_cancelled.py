"""Cancel of a run amid an epoch: it is over within seconds, and its worker takes the next one."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from classifier.models import ModelVersion, RunState, TrainingRun
from classifier.services.training import training_run_cancel, training_run_start
from tests.faults.trainings import SMALL_AND_LONG, labelled_project
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.nn, pytest.mark.django_db(transaction=True)]

MOST_SECONDS = 5
"""What is promised: the patience of the wait, not a measurement."""


def _now(run: TrainingRun) -> TrainingRun:
    run.refresh_from_db()
    return run


def test_a_cancelled_run_stops_within_seconds_and_leaves_nothing(stack: Stack, tmp_path: Path) -> None:
    """GIVEN a run amid its epochs, WHEN it is cancelled, THEN it ends in time and another one starts."""
    project = labelled_project(stack, tmp_path / "photos")
    stack.start("default", "train", "beat")
    run = training_run_start(project=project, trigger=TrainingRun.Trigger.COMMAND, config=SMALL_AND_LONG)
    wait_until(lambda: len(_now(run).curves) >= 2, what=f"two epochs are done\n{stack.log('train')}")

    training_run_cancel(run=run)
    wait_until(lambda: _now(run).finished_at, what="the cancelled run is over", patience=MOST_SECONDS)

    assert run.state == RunState.CANCELLED
    assert not ModelVersion.objects.filter(run=run).exists()
    stored = Path(default_storage.path(f"checkpoints/{run.pk}"))
    wait_until(lambda: not any(it.is_file() for it in stored.rglob("*")), what="its checkpoints are gone")
    following = training_run_start(project=project, trigger=TrainingRun.Trigger.COMMAND, config=SMALL_AND_LONG)
    wait_until(lambda: _now(following).curves, what=f"the next run trains\n{stack.log('train')}")
    training_run_cancel(run=following)
