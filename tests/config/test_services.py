"""The embedded services, as real processes: killed, left behind, shared, and at awkward addresses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from kombu import Connection

from config.embedded.errors import ServiceUnavailable
from config.embedded.postgres import Postgres
from config.embedded.redis import Redis
from config.embedded.redis_program import redis_program
from config.embedded.sockets import LONGEST_SOCKET_PATH, process_named, socket_folder
from config.settings.redis_urls import broker_url, with_database
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    made = Postgres(tmp_path / "postgres", is_durable=False)
    yield made
    made.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Redis]:
    made = Redis(tmp_path / "redis")
    yield made
    made.stop()


def _scalar(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def test_postgres_keeps_committed_rows_over_a_killed_postmaster(postgres: Postgres) -> None:
    """GIVEN a committed row, WHEN the postmaster is killed outright, THEN the next start has it."""
    url = postgres.ensure("antesis")
    with psycopg.connect(url) as connection:
        connection.execute("create extension vector")
        connection.execute("create table kept as select '[1,2]'::vector as v")
    pid = postgres.server_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: process_named(pid, "postgres") is None, what="the postmaster is gone")
    assert (postgres.home / "postmaster.pid").exists(), "the stale file this test is about"

    assert _scalar(postgres.ensure("antesis"), "select count(*) from kept") == 1
    assert postgres.server_pid() not in {None, pid}


def test_postgres_starts_past_a_pid_file_that_names_another_program(postgres: Postgres) -> None:
    """GIVEN a pid file of a former life whose pid another program has now, WHEN started, THEN it starts."""
    postgres.ensure("antesis")
    pid_file = postgres.home / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    postgres.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert postgres.server_pid() is None
    assert _scalar(postgres.ensure("antesis"), "select 1") == 1


def test_an_interrupted_initialisation_is_begun_anew(postgres: Postgres) -> None:
    unfinished = postgres.home.with_name("postgres.part")
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    assert _scalar(postgres.ensure("antesis"), "select 1") == 1
    assert not unfinished.exists()


def test_files_of_somebody_else_are_not_removed(postgres: Postgres) -> None:
    postgres.home.mkdir()
    (postgres.home / "thesis.odt").write_text("precious")
    with pytest.raises(ServiceUnavailable, match="in the way"):
        postgres.start()
    assert (postgres.home / "thesis.odt").read_text() == "precious"


def test_data_of_another_release_is_left_alone(postgres: Postgres) -> None:
    postgres.home.mkdir()
    (postgres.home / "PG_VERSION").write_text("16\n")
    with pytest.raises(ServiceUnavailable, match="made by PostgreSQL 16"):
        postgres.start()


def test_postgres_listens_on_a_private_socket_alone(postgres: Postgres) -> None:
    url = postgres.ensure("antesis")
    assert _scalar(url, "show listen_addresses") == ""
    assert postgres.sockets.stat().st_mode & 0o077 == 0


def test_the_durable_form_waits_for_the_disk(tmp_path: Path) -> None:
    durable = Postgres(tmp_path / "durable")
    try:
        url = durable.ensure("antesis")
        assert (_scalar(url, "show fsync"), _scalar(url, "show synchronous_commit")) == ("on", "on")
    finally:
        durable.stop()


def test_long_paths_with_spaces_work_for_both(tmp_path: Path) -> None:
    """GIVEN a folder whose sockets would exceed the system's limit, WHEN started, THEN both services answer."""
    home = tmp_path / "a folder, with 'signs'" / ("deep-" * 20) / "var"
    server, broker = Postgres(home / "postgres", is_durable=False), Redis(home / "redis")
    try:
        assert _scalar(server.ensure("antesis"), "select 1") == 1
        assert redis.Redis.from_url(broker.ensure()).ping()
        assert len(str(broker.socket)) <= LONGEST_SOCKET_PATH
    finally:
        server.stop()
        broker.stop()
    assert not server.sockets.exists(), "nothing stays in the shared temporary folder"
    assert not broker.socket.parent.exists()


def test_a_short_socket_folder_made_by_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN the place in the shared temporary folder, made beforehand and open to all, THEN it is not used."""
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    home = tmp_path / ("x" * LONGEST_SOCKET_PATH)
    home.mkdir()
    short = socket_folder(home, "redis.sock")
    assert short.parent == tmp_path
    short.chmod(0o777)
    with pytest.raises(ServiceUnavailable, match="belongs to somebody else"):
        socket_folder(home, "redis.sock")


def test_redis_keeps_what_was_written_when_killed(broker: Redis) -> None:
    client = redis.Redis.from_url(broker.ensure())
    client.set("kept", "1")
    pid = broker.server_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not broker.answers(), what="Redis is gone")
    assert broker.socket.exists(), "the stale socket this test is about"
    assert redis.Redis.from_url(broker.ensure()).get("kept") == b"1"


def test_celery_reaches_a_numbered_database_behind_a_socket_in_a_folder_with_spaces(tmp_path: Path) -> None:
    """GIVEN /home/ada lovelace/..., WHEN Celery connects by our address, THEN it lands in the right database."""
    server = Redis(tmp_path / "ada lovelace")
    try:
        url = with_database(server.ensure(), 5)
        with Connection(broker_url(url)) as connection:
            connection.default_channel.client.set("from", "celery")
        assert redis.Redis.from_url(url).get("from") == b"celery"
    finally:
        server.stop()


def test_redis_whose_socket_vanished_is_replaced_not_doubled(broker: Redis) -> None:
    """Two servers writing one append-only file would ruin it."""
    broker.ensure()
    first = broker.server_pid()
    assert first is not None
    broker.socket.unlink()
    broker.ensure()
    assert broker.server_pid() not in {None, first}
    assert process_named(first, "redis-server", "valkey-server") is None


def test_a_socket_that_nobody_serves_is_not_taken_for_redis(broker: Redis) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(broker.socket))
    assert not broker.answers()
    assert redis.Redis.from_url(broker.ensure()).ping()


def test_without_any_redis_the_message_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ServiceUnavailable, match="apt-get install redis-server") as caught:
        redis_program()
    assert "REDIS_URL" in str(caught.value)


def test_a_pid_file_is_believed_only_for_the_right_program() -> None:
    assert process_named(os.getpid(), "postgres") is None
    assert process_named(os.getpid(), psutil.Process().name()) is not None


# --- who stops them ----------------------------------------------------------------------------------------------

USE = """
import sys
from pathlib import Path
from config.services import ensure_postgres, ensure_redis
ensure_postgres(Path(sys.argv[1]), is_durable=False); ensure_redis(Path(sys.argv[1]))
print("using", flush=True)
sys.stdin.read()
"""


class _User:
    """A process that uses the services until told otherwise."""

    def __init__(self, var_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE, str(var_dir)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def is_ready(self) -> bool:
        assert self.process.stdout is not None
        return self.process.stdout.readline() == b"using\n"

    def leave(self) -> None:
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


def _runs(var_dir: Path) -> tuple[bool, bool]:
    return Postgres(var_dir / "postgres").server_pid() is not None, Redis(var_dir / "redis").server_pid() is not None


def test_the_last_one_out_stops_the_services(tmp_path: Path) -> None:
    """GIVEN two users that come at once, WHEN one leaves they stay, and WHEN the other leaves they stop."""
    users = [_User(tmp_path), _User(tmp_path)]
    assert all(user.is_ready() for user in users)
    users[0].leave()
    assert _runs(tmp_path) == (True, True)
    users[1].leave()
    assert _runs(tmp_path) == (False, False)


def test_a_killed_user_leaves_services_that_the_next_one_joins_and_stops(tmp_path: Path) -> None:
    first = _User(tmp_path)
    assert first.is_ready()
    before = Postgres(tmp_path / "postgres").server_pid()
    first.kill()
    assert _runs(tmp_path) == (True, True)
    second = _User(tmp_path)
    assert second.is_ready()
    assert Postgres(tmp_path / "postgres").server_pid() == before
    second.leave()
    assert _runs(tmp_path) == (False, False)
