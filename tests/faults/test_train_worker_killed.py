"""kill -9 of the train worker amid a run: another one goes on from the checkpoint, and the run ends once."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.models import ModelVersion, RunState, TrainingRun
from classifier.services.training import training_run_start
from tests.faults.trainings import SMALL_AND_LONG, labelled_project
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.nn, pytest.mark.django_db(transaction=True)]


def _now(run: TrainingRun) -> TrainingRun:
    run.refresh_from_db()
    return run


def _epochs(run: TrainingRun) -> list[tuple[bool, int, int]]:
    """What was trained, in the order in which a run does it: the folds 1, 2, ..., then everything as fold 0."""
    return sorted((point["fold"] == 0, point["fold"], point["epoch"]) for point in _now(run).curves)


def test_the_run_is_resumed_from_its_checkpoint_and_ends_once(stack: Stack, tmp_path: Path) -> None:
    """GIVEN a run some epochs in, WHEN its worker is killed and another starts, THEN it goes on there and ends once."""
    project = labelled_project(stack, tmp_path / "photos")
    stack.start("default", "train", "beat")
    run = training_run_start(project=project, trigger=TrainingRun.Trigger.COMMAND, config=SMALL_AND_LONG)
    wait_until(lambda: len(_epochs(run)) >= 3, what=f"three epochs are done\n{stack.log('train')}")

    stack.kill("train")
    reached = _epochs(run)[-1]
    assert run.state == RunState.RUNNING
    # The row forgets its curves, so that what stands there at the end was trained after the kill.
    TrainingRun.objects.filter(pk=run.pk).update(curves=[])

    stack.start("train")
    wait_until(lambda: _now(run).finished_at, what="the run is over", patience=300)

    assert (run.state, run.error) == (RunState.SUCCEEDED, "")
    assert run.attempts == 2
    assert _epochs(run)[0] > reached, "the second worker began again instead of resuming"
    assert ModelVersion.objects.filter(run=run).count() == 1
    said = list(run.log_lines.values_list("message", flat=True))
    assert sum("stopped answering" in line or "Attempt 2" in line for line in said) >= 1, said
