"""The process that trains is killed in each phase of a run, as the kernel does for want of memory: the run ends once.

Its worker lives on and hands the run to a new process at once; that a whole worker is killed is another test. A kill
comes where the process stands still for certain (it waits for a lock that the test holds), or at the very sight of the
first file of a phase.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings

from classifier.models import ModelVersion, TrainingRun
from classifier.services.training import training_run_start
from tests.conftest import present_database_url
from tests.faults.trainings import SHORT, assert_ended_once, labelled_project, present, waits_for
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.nn, pytest.mark.django_db(transaction=True)]

TABLES = {"data": "classifier_embedding", "promoting": "classifier_prediction"}
"""Where a phase is held up: it reads the one, and writes the other amid the transaction that promotes."""


@contextmanager
def held_up(phase: str) -> Iterator[None]:
    """Nobody reads embeddings, or writes predictions, while the block runs."""
    mode = "access exclusive" if phase == "data" else "exclusive"
    with psycopg.connect(present_database_url()) as holder:
        holder.execute(f"lock table {TABLES[phase]} in {mode} mode")
        yield
        holder.rollback()


def reached(phase: str, stack: Stack, run: TrainingRun) -> Callable[[], bool]:
    """Whether a file of the phase is there."""
    work = stack.folder / "work" / "runs" / str(run.pk)
    stored = Path(settings.MEDIA_DIR) / "checkpoints" / str(run.pk)
    return {
        "fold 2": lambda: any(work.glob("checkpoints/*/scratch_cnn/fold_2.npz")),
        "stacking": lambda: any(stored.glob("*/scratch_cnn/full.npz")),  # copied when all members are fitted
        "saving": lambda: any(work.glob("ensemble*/*")),
    }[phase]


def process_that_trains(stack: Stack) -> psutil.Process:
    """The worker's one child."""
    (child,) = psutil.Process(stack.processes["train"].pid).children()
    return child


def kill_in(phase: str, stack: Stack, run: TrainingRun) -> None:
    """Kill the process that trains in ``phase``; a new one takes its place."""
    if phase in TABLES:
        with held_up(phase):
            wait_until(lambda: waits_for(TABLES[phase]), what=f"{phase} is reached\n{stack.log('train')}")
            process_that_trains(stack).kill()
            assert not ModelVersion.objects.filter(run=run).exists()
    else:
        victim = process_that_trains(stack)
        wait_until(reached(phase, stack, run), what=f"{phase} is reached\n{stack.log('train')}", every=0.01)
        os.kill(victim.pid, signal.SIGKILL)
        assert not ModelVersion.objects.filter(run=run).exists()


@pytest.mark.parametrize(
    "phases",
    [
        pytest.param(("data", "fold 2"), marks=pytest.mark.drill),
        pytest.param(("stacking",), marks=pytest.mark.drill),
        ("saving", "promoting"),
    ],
)
def test_a_killed_training_is_taken_up_and_ends_once(stack: Stack, tmp_path: Path, phases: tuple[str, ...]) -> None:
    """GIVEN a run, WHEN its process is killed in some phases, THEN each time a new one goes on; one model comes."""
    project = labelled_project(stack, tmp_path / "photos")
    stack.start("train")
    run = training_run_start(project=project, trigger=TrainingRun.Trigger.COMMAND, config=SHORT)
    for number, phase in enumerate(phases, 1):
        kill_in(phase, stack, run)
        wait_until(lambda n=number: present(run).attempts == n + 1, what=f"it is taken up\n{stack.log('train')}")
    assert_ended_once(stack, run)
    assert run.attempts == 1 + len(phases)
