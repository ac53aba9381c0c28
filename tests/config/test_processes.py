"""The real processes: they come up, do work for each other, and load what they should."""

from __future__ import annotations

import subprocess
import sys
import urllib.request

import pytest

from classifier.selectors.workers import queue_workers
from tests.support.stack import ROOT, Stack

pytestmark = pytest.mark.slow


def _mapped_files(stack: Stack, name: str) -> str:
    return "\n".join(mapping.path for process in stack.tree(name) for mapping in process.memory_maps())


@pytest.mark.django_db(transaction=True)
def test_web_and_default_worker_hold_no_tensorflow(stack: Stack) -> None:
    """GIVEN the web process and the default worker, WHEN they have worked, THEN no network library is in memory."""
    stack.start("web", "default")
    with urllib.request.urlopen(f"{stack.url}/api/schema") as answer:
        assert answer.status == 200
    for name in ("web", "default"):
        mapped = _mapped_files(stack, name)
        assert "site-packages" in mapped, "the check sees nothing: compiled packages must be among the mapped files"
        for library in ("tensorflow", "h5py", "sklearn"):
            assert f"/{library}/" not in mapped, f"{name} has loaded {library}"


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_seen_while_it_lives_and_not_afterwards(stack: Stack) -> None:
    """GIVEN a started worker, THEN pages and its container's health check see it; WHEN it stops, THEN they do not."""
    stack.start("default")
    names = {workers.queue: workers.names for workers in queue_workers()}
    assert [name.split("@")[0] for name in names["default"]] == ["default"]
    assert names["train"] == []
    assert _health(stack, "default").returncode == 0
    unhealthy = _health(stack, "default", "train")
    assert unhealthy.returncode == 1
    assert "no sign of life for train" in unhealthy.stderr

    stack.stop("default")
    assert {workers.queue: workers.names for workers in queue_workers()}["default"] == []
    assert _health(stack, "default").returncode == 1


def _health(stack: Stack, *queues: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "config.worker_alive", *queues]
    return subprocess.run(command, cwd=ROOT, env=stack.environment, capture_output=True, text=True, check=False)
