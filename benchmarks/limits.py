"""What this machine gives at best: a web server that does nothing, a commit that is flushed to disk."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from honcho.environ import parse_procfile

from benchmarks.client import Client
from benchmarks.contenders import WARM_UP, repeat
from benchmarks.figures import Times
from benchmarks.place import Place
from config.env import BASE_DIR, child_environment
from tests.support.stack import free_port


def hello(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI application that answers at once."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


def bare_server(n: int) -> Times:
    """``hello`` behind our web server with the flags of the Procfile, asked by the client of all measurements."""
    words = parse_procfile((BASE_DIR / "Procfile").read_text()).processes["web"].split("granian ")[1]
    port = free_port()
    words = words.replace("config.wsgi:application", "benchmarks.limits:hello")
    words = words.replace("$BIND", "127.0.0.1").replace("$PORT", str(port))
    server = subprocess.Popen([sys.executable, "-m", "granian", *words.split()], cwd=BASE_DIR, env=child_environment())
    client = Client(f"http://127.0.0.1:{port}")
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                client.get("/")
                break
            except OSError:
                client.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        return repeat(lambda each: each.get("/"), client, n)
    finally:
        client.close()
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def durable_insert(place: Place, n: int) -> Times:
    """One row of 200 bytes inserted and committed, flushed to disk, on the server that everybody here uses."""
    times = Times()
    with psycopg.connect(place.address("limits")[1], autocommit=True) as connection:
        setting = connection.execute(
            "select current_setting('fsync'), current_setting('synchronous_commit')"
        ).fetchone()
        if setting != ("on", "on"):
            raise RuntimeError(f"commits are not durable here: {setting}")
        connection.execute("create table line (id bigserial primary key, content text)")
        for number in range(-WARM_UP, n):
            started = time.perf_counter()
            connection.execute("insert into line (content) values (%s)", ["x" * 200])
            if number >= 0:
                times.add(time.perf_counter() - started)
    return times
