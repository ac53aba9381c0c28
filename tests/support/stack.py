"""The product as real processes: granian, Celery workers and beat, by the very commands of the Procfile."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redis
from honcho.environ import parse_procfile

from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
WORKERS = ("default", "score", "train")
MARK = "ANTESIS_TEST_STACK"


def leftovers(place: str) -> list[psutil.Process]:
    """Processes that stacks of ``place`` started and that still live: the tests that had them were killed."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == place:
                found.append(process)
    return found


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """Processes that share a database, a broker and a folder of photos; stop them all with :meth:`stop_all`."""

    folder: Path
    database_url: str
    redis_url: str
    media_dir: Path
    extra_environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the pages are, without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables every process is started with."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "ANTESIS_VAR": str(self.folder),
            "MEDIA_DIR": str(self.media_dir),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "BIND": "127.0.0.1",
            "PORT": str(self.port),
            "LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
            MARK: self.database_url,
            **self.extra_environment,
        }

    def start(self, *names: str) -> None:
        """Start processes of the Procfile by name, and return when each does its work."""
        for name in names:
            # The keeper would start a killed process again; tests want to see what happens without it.
            command = (
                parse_procfile((ROOT / "Procfile").read_text()).processes[name].replace("python -m config.keep ", "")
            )
            log = (self.folder / f"{name}.log").open("ab")
            self.processes[name] = subprocess.Popen(
                f"exec {command}",
                shell=True,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            log.close()
        for name in names:
            if name == "web":
                wait_until(self._web_answers, what=f"the web process answers\n{self.log(name)}")
            elif name in WORKERS:
                wait_until(lambda name=name: self._worker_is_marked(name), what=f"worker {name} is alive")

    def stop(self, name: str) -> None:
        """Stop a process the polite way, and wait for its end."""
        process = self.processes.pop(name)
        for signum, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
            if process.poll() is None:
                os.killpg(process.pid, signum)
                try:
                    process.wait(patience)
                except subprocess.TimeoutExpired:
                    continue
        self._kill_group(process.pid)

    def kill(self, name: str) -> None:
        """Kill a process and its children at once, as the kernel does for want of memory."""
        process = self.processes.pop(name)
        self._kill_group(process.pid)
        process.wait(10)
        if name in WORKERS:
            # A killed worker cannot withdraw its mark, and its successor must not be taken for alive because of it.
            redis.Redis.from_url(self.redis_url).delete(f"antesis:workers:{name}")

    def stop_all(self) -> None:
        """Stop whatever still runs."""
        for name in [*self.processes]:
            self.stop(name)

    def log(self, name: str) -> str:
        """What a process has written so far."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def manage(self, *arguments: str) -> str:
        """Run ``manage.py`` in this stack and return what it prints.

        Raises:
            AssertionError: it failed.
        """
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def tree(self, name: str) -> list[psutil.Process]:
        """A process with all its descendants."""
        top = psutil.Process(self.processes[name].pid)
        return [top, *top.children(recursive=True)]

    def _web_answers(self) -> bool:
        assert self.processes["web"].poll() is None, f"the web process ended:\n{self.log('web')}"
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _worker_is_marked(self, name: str) -> bool:
        assert self.processes[name].poll() is None, f"worker {name} ended:\n{self.log(name)}"
        return bool(redis.Redis.from_url(self.redis_url).zcard(f"antesis:workers:{name}"))

    @staticmethod
    def _kill_group(group: int) -> None:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            return
