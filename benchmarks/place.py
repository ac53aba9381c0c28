"""Where benchmarks work: an embedded PostgreSQL (durable: every commit is flushed to disk) and Redis of their own.

They live in ``var/bench``, or in ``ANTESIS_BENCH_VAR``. Filled databases are kept there as templates, named by a hash
of what fills them, so that only the first run of a size pays for making it; each run measures a fresh copy.
"""

from __future__ import annotations

import hashlib
import inspect
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from config.env import BASE_DIR, child_environment, default_settings, set_defaults
from config.services import ensure_postgres, ensure_redis
from tests.support.stack import Stack

ADMINISTRATION = "administration"
SLUG = "orchard"
"""The project in every filled database."""


@dataclass
class Place:
    """Services, databases and processes of one benchmark run; see :func:`place_open`."""

    folder: Path
    redis_url: str
    secret_key: str
    stacks: list[Stack] = field(default_factory=list)

    def url(self, database: str) -> str:
        return ensure_postgres(self.folder, database)

    def address(self, database: str) -> tuple[str, str]:
        """The folder of the server's socket and the URL of an empty ``database`` made anew, for a peer."""
        with self._administrator() as administrator:
            administrator.execute(f'drop database if exists "{database}" with (force)')
            administrator.execute(f'create database "{database}"')
            row = administrator.execute("show unix_socket_directories").fetchone()
        assert row is not None
        return row[0].strip('"'), self.url(database)

    def fresh(self, name: str, key: str, fill: Callable[[], None]) -> str:
        """The URL of a database ``name`` as ``fill`` leaves it, copied from a template kept from an earlier run.

        Args:
            name: of the database; one of this name is dropped.
            key: names the content, whose code and migrations may change.
            fill: works on Django's connection, which is on the (migrated, empty) database meanwhile.
        """
        template = f"rows_{key}_{_fingerprint(fill)}"
        with self._administrator() as administrator:
            found = administrator.execute(
                "select datname from pg_database where datname like %s", [f"rows\\_{key}\\_%"]
            )
            kept = [datname for (datname,) in found]
            for stale in {*kept} - {template}:
                administrator.execute(f'drop database "{stale}" with (force)')
        if template not in kept:
            self._make(template, fill)
        disconnect()
        with self._administrator() as administrator:
            administrator.execute(f'drop database if exists "{name}" with (force)')
            administrator.execute(f'create database "{name}" template "{template}" strategy file_copy')
        return self.url(name)

    def forget(self, key: str) -> None:
        """Drop what was kept of earlier runs under ``key``."""
        disconnect()
        with self._administrator() as administrator:
            found = administrator.execute(
                "select datname from pg_database where datname like %s", [f"rows\\_{key}\\_%"]
            )
            for (datname,) in found.fetchall():
                administrator.execute(f'drop database "{datname}" with (force)')

    def stack(self, name: str, database_url: str, number: int) -> Stack:
        """The product's processes on a database, none started; ``number`` keeps their Redis databases apart."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        made = Stack(
            folder=folder,
            database_url=database_url,
            redis_url=f"{self.redis_url}?db={number}",
            media_dir=folder / "media",
            extra_environment={"SECRET_KEY": self.secret_key},
        )
        self.stacks.append(made)
        return made

    def close(self) -> None:
        """Stop the processes that run. The services stop with this one."""
        disconnect()
        for stack in self.stacks:
            stack.stop_all()

    def _make(self, template: str, fill: Callable[[], None]) -> None:
        from django.core.management import call_command

        unfinished = "rows_unfinished"
        disconnect()
        with self._administrator() as administrator:
            administrator.execute(f'drop database if exists "{unfinished}" with (force)')
        connect(self.url(unfinished))
        call_command("migrate", verbosity=0)
        fill()
        disconnect()
        with self._administrator() as administrator:
            administrator.execute(f'alter database "{unfinished}" rename to "{template}"')

    def _administrator(self) -> psycopg.Connection[tuple[str, ...]]:
        return psycopg.connect(self.url(ADMINISTRATION), autocommit=True)


def place_open() -> Place:
    """Start the services and set Django up on them; once per process."""
    folder = Path(child_environment().get("ANTESIS_BENCH_VAR") or BASE_DIR / "var" / "bench").absolute()
    redis_url = ensure_redis(folder)
    secret_key = secrets.token_urlsafe(60)
    set_defaults(
        ANTESIS_VAR=str(folder),
        DATABASE_URL=ensure_postgres(folder, ADMINISTRATION),
        REDIS_URL=redis_url,
        SECRET_KEY=secret_key,
        LOG_LEVEL="WARNING",
    )
    default_settings()
    import django

    django.setup()
    return Place(folder, redis_url, child_environment()["SECRET_KEY"])


def connect(database_url: str) -> None:
    """Put Django's connection of this process on another database."""
    from django.db import connections

    from config.settings.databases import database_from_url

    disconnect()
    connections["default"].settings_dict.update(database_from_url(database_url))


def disconnect() -> None:
    """Leave the database Django is connected to; it connects again by itself."""
    from django.db import connections

    connections["default"].close()


def _fingerprint(fill: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    source = inspect.getsourcefile(fill)
    assert source is not None
    for path in (Path(__file__).with_name("rows.py"), Path(source), *sorted(BASE_DIR.glob("*/migrations/0*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
