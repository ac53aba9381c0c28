"""Pages that belong to no app, and the headers of every answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

PAGE = '<html><head><meta name="csp-nonce" content="__CSP_NONCE__"></head><body>{name}</body></html>'


@pytest.fixture
def built(settings: Settings, tmp_path: Path) -> Path:
    """A front end that has been built."""
    for name in ("index.html", "grower.html"):
        (tmp_path / name).write_text(PAGE.format(name=name))
    (tmp_path / "sw.js").write_text("self.addEventListener('fetch', () => {});")
    (tmp_path / "manifest.webmanifest").write_text("{}")
    settings.FRONTEND_DIST = tmp_path
    return tmp_path


def test_healthz_needs_no_database(client: Client) -> None:
    """pytest-django refuses database access here, so an answer proves there was none."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_readyz_says_all_is_well(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "broker": True})


@pytest.mark.django_db
def test_readyz_names_what_is_missing(client: Client, settings: Settings) -> None:
    """GIVEN a broker that does not answer, WHEN asked, THEN 503 and its name; never a 500."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:9/0"}
    }
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": True, "broker": False})


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/", "index.html"),
        ("/login", "index.html"),
        ("/p/apple/training/12", "index.html"),
        ("/u", "grower.html"),
        ("/u/", "grower.html"),
        ("/u/apple", "grower.html"),
        ("/users", "index.html"),
    ],
)
def test_deep_links_answer_their_page(built: Path, client: Client, path: str, entry: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert entry in answer.content.decode()
    assert answer["Cache-Control"] == "no-cache"
    assert "csrftoken" in answer.cookies


def test_each_answer_has_its_own_nonce_in_page_and_policy(built: Path, client: Client) -> None:
    seen = set()
    for _ in range(2):
        answer = client.get("/")
        found = re.search(r'content="([^"]+)"', answer.content.decode())
        assert found is not None
        assert f"'nonce-{found[1]}'" in answer["Content-Security-Policy"]
        seen.add(found[1])
    assert len(seen) == 2
    assert "__CSP_NONCE__" not in seen


def test_without_a_build_the_page_says_so(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.FRONTEND_DIST = tmp_path / "dist"
    answer = client.get("/login")
    assert answer.status_code == 503
    assert b"make frontend" in answer.content


def test_the_service_worker_may_serve_the_root_and_is_never_stale(built: Path, client: Client) -> None:
    answer = client.get("/sw.js")
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "text/javascript", "no-cache")
    assert client.get("/manifest.webmanifest")["Content-Type"] == "application/manifest+json"


def test_an_unknown_address_of_the_api_keeps_its_error_shape(client: Client) -> None:
    answer = client.get("/api/v1/no-such-thing")
    assert answer.status_code == 404
    assert answer.json().keys() == {"code", "message", "fields"}
    assert answer.json()["code"] == "not_found"


def test_pages_are_for_reading(built: Path, client: Client) -> None:
    assert client.post("/login").status_code == 405


def test_the_documentation_needs_no_foreign_host(client: Client) -> None:
    """GIVEN a policy without foreign hosts, WHEN the docs are read, THEN all they name is ours."""
    answer = client.get("/api/docs")
    assert answer.status_code == 200
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"].split("style-src")[0]
    addresses = re.findall(r'(?:src|href)="([^"]+)"', answer.content.decode())
    assert addresses
    assert all(address.startswith("/") for address in addresses)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/session", "/api/v1/nothing", "/admin/login/", "/sw.js"])
def test_every_answer_carries_the_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-ID"])
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


@pytest.mark.parametrize(
    ("given", "is_kept"), [("a1b2c3d4-e5f6", True), ("short", False), ("x" * 65, False), ("evil\tline", False)]
)
def test_a_sane_request_id_of_the_proxy_is_kept(client: Client, given: str, *, is_kept: bool) -> None:
    assert (client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] == given) is is_kept


@pytest.mark.django_db
def test_nobody_makes_an_account_for_himself(client: Client) -> None:
    """GIVEN invitation only, WHEN somebody tries allauth's own pages, THEN there is no way in."""
    from django.contrib.auth import get_user_model

    for path in ("/accounts/signup/", "/accounts/login/", "/accounts/password/reset/"):
        client.post(path, {"email": "eve@example.org", "password1": "correct horse battery", "password": "x"})
    assert not get_user_model().objects.exists()


@pytest.mark.django_db
def test_the_admin_is_for_staff(client: Client, signed_in: Callable[..., Client]) -> None:
    from tests.factories.labeling import UserFactory

    assert client.get("/admin/").status_code == 302
    assert signed_in(UserFactory()).get("/admin/").status_code == 302
    assert signed_in(UserFactory(is_staff=True, is_superuser=True)).get("/admin/").status_code == 200
