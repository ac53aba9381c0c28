"""Fixtures for every test. Services are real; the settings of tests start them in ``var/test`` (or ``ANTESIS_VAR``).

Parallel test processes (``-n 2``) share the servers, and each has a database, a numbered Redis database and a folder
of photos of its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from rest_framework.test import APIClient

from tests.support.stack import Stack, leftovers

SHARED_DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def _empty_places() -> Iterator[None]:
    """Begin with no photos, an empty broker and a free database, whatever a run that was killed left there."""
    _free_database()
    shutil.rmtree(settings.MEDIA_DIR, ignore_errors=True)
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    yield
    shutil.rmtree(settings.MEDIA_DIR, ignore_errors=True)


def _free_database() -> None:
    """End what still uses the database of these tests; it could not be made anew otherwise."""
    entry = connections["default"]
    name = entry.settings_dict["TEST"]["NAME"] or f"test_{entry.settings_dict['NAME']}"
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        name = f"{name}_{worker}"
    for process in leftovers(_address({**entry.settings_dict, "NAME": name})):
        process.kill()
    with psycopg.connect(_address(entry.settings_dict), autocommit=True) as administrator:
        administrator.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """No rate limit, no heartbeat and no message of one test reaches the next."""
    yield
    if {"db", "transactional_db", "live_app"} & set(request.fixturenames):
        cache.clear()  # flushes the numbered database, the broker's queues with it


@pytest.fixture
def shared_data() -> Path:
    """The folder of real photo collections, which is no part of the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("real photo collections are not on this machine (../shared/data)")
    return SHARED_DATA.resolve()


@pytest.fixture
def api_client() -> APIClient:
    """A client of the API that nobody is signed in with."""
    return APIClient()


@pytest.fixture
def signed_in(db: None) -> Callable[..., APIClient]:
    """``signed_in(user)`` is a client of the API with ``user`` signed in."""

    def sign_in(user: object) -> APIClient:
        client = APIClient()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def member_client(db: None, signed_in: Callable[..., APIClient]) -> Callable[..., APIClient]:
    """``member_client(project, "expert")`` is a client with a new member of that role signed in, as ``client.user``."""
    from tests.factories.labeling import MembershipFactory

    def join(project: object, role: str) -> APIClient:
        membership = MembershipFactory(project=project, role=role)
        client = signed_in(membership.user)
        client.user = membership.user
        return client

    return join


def present_database_url() -> str:
    """The address of the database that the tests of this process use."""
    return _address(connections["default"].settings_dict)


def _address(entry: dict[str, Any]) -> str:
    credentials = quote(entry["USER"], safe="") + (f":{quote(entry['PASSWORD'], safe='')}" if entry["PASSWORD"] else "")
    if str(entry["HOST"]).startswith("/"):
        return f"postgresql://{credentials}@/{entry['NAME']}?host={quote(entry['HOST'], safe='/')}"
    port = f":{entry['PORT']}" if entry["PORT"] else ""
    return f"postgresql://{credentials}@{entry['HOST']}{port}/{entry['NAME']}"


@pytest.fixture
def stack(transactional_db: None, tmp_path: Path) -> Iterator[Stack]:
    """The product's processes on this test's database; none runs until ``stack.start("web", "train", ...)``.

    What the test writes through the ORM the processes see, and the other way round. They are stopped before the
    database is emptied for the next test.
    """
    made = Stack(
        folder=tmp_path,
        database_url=present_database_url(),
        redis_url=settings.REDIS_URL,
        media_dir=settings.MEDIA_DIR,
        extra_environment={"SECRET_KEY": settings.SECRET_KEY},
    )
    yield made
    made.stop_all()


@pytest.fixture
def celery_workers(stack: Stack) -> Callable[..., Stack]:
    """``celery_workers("default", "score")`` starts those real workers for this test."""

    def start(*queues: str) -> Stack:
        stack.start(*queues)
        return stack

    return start


@pytest.fixture
def live_app(stack: Stack) -> Stack:
    """The whole product on a free port (``live_app.url``): web, the three workers, beat."""
    stack.start("web", "default", "score", "train", "beat")
    return stack


# --- the browser -------------------------------------------------------------------------------------------------

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The system's Chromium; Playwright brings none of its own here."""
    return os.environ.get("CHROMIUM") or next((p for name in CHROMIUM_NAMES if (p := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Drive the system's Chromium, without what a test machine lacks or must not do."""
    program = chromium()
    if program is None:
        message = "no Chromium on the PATH: apt-get install chromium, or set CHROMIUM to one"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    quiet = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-unsafe-swiftshader",
    ]
    return {**browser_type_launch_args, "executable_path": program, "args": quiet}
