"""``make run`` below make: started, killed outright, started again, stopped; twice at once; on a port that is taken."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.embedded.postgres import Postgres
from config.embedded.redis import Redis
from config.launch import MARK, leftovers
from tests.support.stack import free_port
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Launch:
    """One ``python -m config.launch`` on a folder of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        ours = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "DEMO", MARK}
        kept = {name: value for name, value in os.environ.items() if name not in ours}
        return {**kept, "ANTESIS_VAR": str(self.folder), "PORT": str(self.port), "EMBEDDED_DURABLE": "no"}

    def start(self) -> None:
        launches = self.output().count("Antesis is at")
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.launch"], cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )
        wait_until(lambda: self.output().count("Antesis is at") > launches and self.is_up(), what="the pages answer")

    def is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.output()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def output(self) -> str:
        path = self.folder / "output"
        return path.read_text(errors="replace") if path.exists() else ""

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )

    def services(self) -> list[int | None]:
        return [Postgres(self.folder / "postgres").server_pid(), Redis(self.folder / "redis").server_pid()]

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launch]:
    folder = tmp_path_factory.mktemp("launch")
    made = Launch(folder, free_port())
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait()
    for process in leftovers(folder):
        process.kill()
    Redis(folder / "redis").stop()
    if (folder / "postgres").exists():
        Postgres(folder / "postgres").stop()


def test_killed_outright_it_starts_again_and_then_stops_cleanly(launch: Launch) -> None:
    """GIVEN a launch killed while its programs run, WHEN launched again, THEN it works, and ends leaving nothing."""
    launch.start()
    wait_until(lambda: "/welcome/" in launch.output(), what="the first admin's link is shown")
    services = launch.services()
    assert None not in services
    assert launch.process is not None
    launch.process.kill()
    launch.process.wait()
    assert len(leftovers(launch.folder)) >= 5, "web, three workers and beat outlive a killed launch"

    launch.start()
    assert "that a killed run left behind" in launch.output()
    assert launch.services() == services, "running services are joined"

    joined = launch.run("manage.py", "shell", "-c", "from labeling.models import User; print(User.objects.count())")
    assert joined.stdout.strip().endswith("0"), joined.stderr
    assert launch.services() == services, "a command beside it stops nothing"

    refused = launch.run("-m", "config.launch")
    assert refused.returncode == 1
    assert f"already runs on {launch.folder} (process {launch.process.pid})" in refused.stderr

    os.kill(services[1] or 0, signal.SIGKILL)
    wait_until(lambda: launch.services()[1] not in {None, services[1]}, what="a killed Redis is brought back")

    assert launch.stop() == 0
    assert leftovers(launch.folder) == []
    assert launch.services() == [None, None]


def test_a_taken_port_is_said_before_anything_is_started(launch: Launch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", launch.port))
        other.listen()
        done = launch.run("-m", "config.launch")
    assert done.returncode == 1
    assert f"Port {launch.port} of 127.0.0.1 cannot be used" in done.stderr
    assert f"make run PORT={launch.port + 1}" in done.stderr
    assert launch.services() == [None, None]


def test_a_command_alone_starts_the_services_and_leaves_nothing(launch: Launch) -> None:
    done = launch.run("manage.py", "migrate", "-v0")
    assert done.returncode == 0, done.stderr
    assert launch.services() == [None, None]
