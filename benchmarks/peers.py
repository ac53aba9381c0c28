"""Peers beside us: virtual environments of their own, their processes, and how to do without them.

    python -m benchmarks.peers          install them (about 1.5 GB)

The environments lie in the user's cache folder, or in ``ANTESIS_PEERS``. Benchmarks use what is installed and say what
is not; they install nothing by themselves. Each peer runs on loopback, on the same PostgreSQL as we do and behind the
same web server with the same flags, which is more than its own quick start gives it. What calls home is switched off.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from honcho.environ import parse_procfile

from config.env import BASE_DIR, child_environment
from tests.support.stack import free_port

REQUIREMENTS: Mapping[str, Sequence[str]] = {
    "label-studio": ("label-studio==1.23.2",),
    # It was made before marshmallow 4 and numpy 2, and needs pkg_resources, which newer setuptools leaves out.
    "doccano": (
        "doccano==1.8.4",
        "psycopg2-binary==2.9.10",
        "redis>=6.1",
        "marshmallow<4",
        "numpy<2",
        "setuptools<81",
    ),
    # Only bench_ingest decodes with it. Its libvips is LGPL, so it can be no part of the product.
    "pyvips": ("pyvips==3.2.0", "pyvips-binary==8.18.7"),
}
START_SECONDS = 180


class PeerAbsent(RuntimeError):
    """A peer that cannot be measured here; the message says why."""


def peers_folder() -> Path:
    """Where the environments are."""
    environment = child_environment()
    chosen = environment.get("ANTESIS_PEERS")
    cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(chosen) if chosen else Path(cache) / "antesis-peers"


def installed(name: str) -> Path:
    """The Python of a peer's environment.

    Raises:
        PeerAbsent: it was not installed, or that failed; with the reason.
    """
    folder = peers_folder() / name
    failure = folder.with_name(f"{name}.failed")
    if failure.exists():
        raise PeerAbsent(failure.read_text().strip())
    if not folder.with_name(f"{name}.installed").exists():
        raise PeerAbsent("not installed: python -m benchmarks.peers")
    return folder / "bin" / "python"


def install(name: str) -> str:
    """Make a peer's environment unless it is there; returns what became of it, and keeps a failure's reason."""
    folder = peers_folder() / name
    stamp, failure = folder.with_name(f"{name}.installed"), folder.with_name(f"{name}.failed")
    wanted = "\n".join([*REQUIREMENTS[name], f"granian=={version('granian')}"])
    if stamp.exists() and stamp.read_text() == wanted:
        return "is there"
    folder.parent.mkdir(parents=True, exist_ok=True)
    for mark in (stamp, failure):
        mark.unlink(missing_ok=True)
    steps = ([sys.executable, "-m", "venv", str(folder)], [str(folder / "bin" / "python"), "-m", "pip", "install"])
    for words in (steps[0], [*steps[1], "--quiet", "--disable-pip-version-check", *wanted.split("\n")]):
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        if done.returncode:
            reason = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1]
            failure.write_text(f"{Path(words[2]).name} of {REQUIREMENTS[name][0]} failed: {reason}\n")
            return failure.read_text().strip()
    stamp.write_text(wanted)
    return "installed"


@dataclass
class PeerProcesses:
    """The processes of one peer, in a folder of their own."""

    name: str
    python: Path
    folder: Path
    home: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str, program: str = "") -> str:
        """Run the peer's Python to its end, in its source folder, with ``program`` on standard input.

        Raises:
            PeerAbsent: it failed; with its last line.
        """
        done = subprocess.run(
            [str(self.python), *words], cwd=self.home, env=self._whole_environment(), input=program, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            (self.folder / "failed.log").write_text(done.stdout + done.stderr)
            last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
            raise PeerAbsent(f"{self.name} {' '.join(words)[:40]} failed: {last}")
        return done.stdout

    def serve(self, application: str, health: str) -> None:
        """Start the web process with the flags of our own, and wait until ``health`` answers."""
        words = parse_procfile((BASE_DIR / "Procfile").read_text()).processes["web"].split("granian ")[1]
        words = words.replace("config.wsgi:application", application)
        words = words.replace("$BIND", "127.0.0.1").replace("$PORT", str(self.port))
        self.start("-m", "granian", *words.split())
        deadline = time.monotonic() + START_SECONDS
        while not self._answers(health):
            if time.monotonic() > deadline or self.running[-1].poll() is not None:
                raise PeerAbsent(f"{self.name} did not start; see {self.folder}")
            time.sleep(0.5)

    def start(self, *words: str) -> None:
        """Start a process that stays; what it says goes to a file."""
        with (self.folder / f"process{len(self.running)}.log").open("ab") as log:
            self.running.append(
                subprocess.Popen(
                    [str(self.python), *words], cwd=self.home, env=self._whole_environment(), stdout=log,
                    stderr=subprocess.STDOUT, start_new_session=True,
                )
            )  # fmt: skip

    def stop(self) -> None:
        """End what runs."""
        for process in self.running:
            for signum, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
                if process.poll() is None:
                    os.killpg(process.pid, signum)
                    try:
                        process.wait(patience)
                    except subprocess.TimeoutExpired:
                        continue
        self.running.clear()

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10):
                return True
        except urllib.error.HTTPError as error:
            return error.code < 500
        except (urllib.error.URLError, OSError, http.client.HTTPException):
            return False

    def _whole_environment(self) -> dict[str, str]:
        # None of ours: a DATABASE_URL or settings module meant for us would be read by the peer too.
        outside = child_environment()
        kept = {name: outside[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in outside}
        return {**kept, "PYTHONPATH": str(self.home), "DO_NOT_TRACK": "1", **self.environment}


def source_folder(python: Path, package: str) -> Path:
    """Where a package of a peer's environment lies, without importing it."""
    found = sorted(python.parent.parent.glob(f"lib/python3*/site-packages/{package}"))
    if not found:
        raise PeerAbsent(f"{package} is not in {python.parent.parent}")
    return found[0]


def main() -> None:
    """Install every peer and say how it went."""
    for name in REQUIREMENTS:
        print(f"{name}: {install(name)}", flush=True)


if __name__ == "__main__":
    main()
