"""Addresses of services in the spellings their users want, and what production insists on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings.accounts import openid_connect
from config.settings.databases import KEEPALIVES, PREPARED, database_from_url
from config.settings.redis_urls import broker_url, with_database

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://cache:6379/0", "redis://cache:6379/3"),
        ("rediss://:pw@cache", "rediss://:pw@cache/3"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock?db=3"),
        ("unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=3"),
    ],
)
def test_another_database_of_the_same_server(url: str, expected: str) -> None:
    assert with_database(url, 3) == expected


def test_celery_reads_a_socket_address() -> None:
    url = broker_url("unix:///run/redis.sock?db=3")
    assert url == "redis+socket:///run/redis.sock?virtual_host=3"
    assert broker_url("redis://cache/1") == "redis://cache/1"


def test_a_database_address_keeps_its_options() -> None:
    entry = database_from_url(
        "postgresql://ada:p%40ss@db.example.org:5433/antesis?sslmode=verify-full&target_session_attrs=any"
    )
    assert (entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"]) == ("ada", "p@ss", "db.example.org", "5433")
    given = {"sslmode": "verify-full", "target_session_attrs": "any"}
    assert {name: entry["OPTIONS"][name] for name in given} == given
    assert entry["OPTIONS"].items() >= PREPARED.items()


def test_a_peer_that_vanished_is_noticed_by_either_side() -> None:
    over_network = database_from_url("postgresql://ada@db.example.org/antesis")["OPTIONS"]
    assert over_network.items() >= KEEPALIVES.items()
    assert "-c tcp_keepalives_idle=15" in over_network["options"]
    assert database_from_url("postgresql://ada@/antesis?host=/run/postgres")["OPTIONS"] == PREPARED


def test_a_pooler_may_know_no_prepared_statements() -> None:
    entry = database_from_url("postgresql://ada@db.example.org/antesis?prepared_statements=off&sslmode=require")
    assert entry["OPTIONS"] == {"sslmode": "require", "connect_timeout": 10} | KEEPALIVES


def test_a_database_behind_a_socket() -> None:
    entry = database_from_url("postgresql://postgres@/antesis?host=/var/a%20b/postgres")
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("/var/a b/postgres", "", "antesis")


def test_single_sign_on_is_off_without_a_provider() -> None:
    assert openid_connect(None) == ({}, None)


def test_production_does_not_start_without_its_secrets() -> None:
    """GIVEN nothing but the choice of production, WHEN Django starts, THEN it ends naming all that is missing."""
    bare = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings.prod"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=bare, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_ORIGIN", "DATABASE_URL", "REDIS_URL"):
        assert name in done.stderr
