"""The keeper of one process: brings it back, passes signals on, gives up on what cannot start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = (
    "import os, pathlib, signal, sys; pathlib.Path(sys.argv[1]).open('a').write(f'{os.getpid()}\\n'); signal.pause()"
)


def _keep(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "config.keep", *command], cwd=ROOT, stderr=subprocess.PIPE)


def _pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_killed_program_comes_back_and_a_stopped_one_does_not(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    keeper = _keep(sys.executable, "-c", SLEEPER, str(starts))
    try:
        first = wait_until(lambda: _pids(starts), what="the program runs")[0]
        os.kill(first, signal.SIGKILL)
        second = wait_until(lambda: _pids(starts)[1:], what="it runs again")[0]
        assert second != first
        keeper.send_signal(signal.SIGTERM)
        assert keeper.wait(30) == 0
        assert not psutil.pid_exists(second)
        assert len(_pids(starts)) == 2
    finally:
        keeper.kill()


def test_a_program_that_cannot_start_is_given_up(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    script = "import pathlib, sys; pathlib.Path(sys.argv[1]).open('a').write('1\\n'); sys.exit(3)"
    keeper = _keep(sys.executable, "-c", script, str(starts))
    _, said = keeper.communicate(timeout=60)
    assert keeper.returncode == 3
    assert b"giving up" in said
    assert len(_pids(starts)) == 5
