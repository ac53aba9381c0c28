"""The environment: typed, checked, and every fault named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.env import EnvironmentInvalid, read_environment
from config.settings.mail import mail_settings

GOOD = {
    "SECRET_KEY": "k3J8s-Q0z_VtY5nLr1wXb7mPd9hGf2aCe4uIo6TqRyWxZsNvMj",
    "ALLOWED_HOSTS": "antesis.example.org, www.antesis.example.org",
    "PUBLIC_ORIGIN": "https://antesis.example.org",
    "DATABASE_URL": "postgresql://antesis:secret@db/antesis",
    "REDIS_URL": "rediss://cache:6380/0",
}
READ = (
    *GOOD,
    *(
        "ANTESIS_VAR",
        "MEDIA_DIR",
        "ACCEL_PREFIX",
        "EMBEDDED_DURABLE",
        "BIND",
        "PORT",
        "DEMO",
        "S3_BUCKET",
        "S3_ENDPOINT_URL",
        "S3_REGION",
    ),
    *(
        "OIDC_NAME",
        "OIDC_SERVER_URL",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
        "KERAS_HOME",
        "GPU_MEMORY_MB",
        "MIXED_PRECISION",
        "TENSORBOARD_DIR",
        "EMAIL_URL",
        "EMAIL_FROM",
        "LOG_JSON",
        "LOG_LEVEL",
        "METRICS_TOKEN",
    ),
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in READ:
        monkeypatch.delenv(name, raising=False)


def _set(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_an_empty_environment_is_a_development_machine() -> None:
    environment = read_environment()
    assert (environment.database_url, environment.redis_url, environment.port) == ("", "", 8000)
    assert environment.bind == "127.0.0.1"
    assert environment.media_dir == environment.var_dir / "media"
    assert not environment.is_demo
    assert environment.is_embedded_durable


def test_values_are_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _set(monkeypatch, PORT="8123", DEMO="Yes", ANTESIS_VAR=str(tmp_path), LOG_LEVEL="debug", ALLOWED_HOSTS=" a , b ,")
    environment = read_environment()
    assert (environment.port, environment.is_demo, environment.var_dir) == (8123, True, tmp_path)
    assert (environment.log_level, environment.allowed_hosts) == ("DEBUG", ["a", "b"])


def test_a_relative_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, ANTESIS_VAR="elsewhere")
    assert read_environment().var_dir == Path.cwd() / "elsewhere"


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(
        monkeypatch,
        PORT="eighty",
        DEMO="perhaps",
        DATABASE_URL="mysql://x/y",
        REDIS_URL="http://cache",
        S3_ENDPOINT_URL="minio:9000",
        LOG_LEVEL="LOUD",
        OIDC_CLIENT_ID="antesis",
    )
    with pytest.raises(EnvironmentInvalid) as caught:
        read_environment()
    for name in ("PORT", "DEMO", "DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "LOG_LEVEL", "OIDC_SERVER_URL"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"EMAIL_URL": "smtp://mail.example.org"},
        {"EMAIL_FROM": "antesis@example.org"},
        {"EMAIL_URL": "smtp://mail.example.org", "EMAIL_FROM": "antesis@example.org"},
        {"EMAIL_URL": "http://mail.example.org", "EMAIL_FROM": "a@example.org", "PUBLIC_ORIGIN": "https://a.example"},
    ],
)
def test_half_a_mail_set_up_is_refused(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    _set(monkeypatch, **values)
    with pytest.raises(EnvironmentInvalid, match=r"EMAIL_|PUBLIC_ORIGIN"):
        read_environment()


def test_mail_is_off_unless_it_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mail_settings(read_environment())["HAS_EMAIL"] is False
    _set(
        monkeypatch,
        EMAIL_URL="smtps://ana%40example.org:p%2Fw@mail.example.org",
        EMAIL_FROM="antesis@example.org",
        PUBLIC_ORIGIN="https://antesis.example.org/",
    )
    found = mail_settings(read_environment())
    assert (found["HAS_EMAIL"], found["MAIL_LINKS"]) == (True, "https://antesis.example.org")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_SSL"]) == ("mail.example.org", 465, True)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("ana@example.org", "p/w")


def test_production_accepts_a_complete_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **GOOD)
    environment = read_environment(is_production=True)
    assert environment.allowed_hosts == ["antesis.example.org", "www.antesis.example.org"]
    assert environment.log_json


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("PUBLIC_ORIGIN", ""),
        ("PUBLIC_ORIGIN", "http://antesis.example.org"),
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("DEMO", "1"),
    ],
)
def test_production_refuses(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    _set(monkeypatch, **{**GOOD, name: value})
    with pytest.raises(EnvironmentInvalid, match=name):
        read_environment(is_production=True)


def test_production_refuses_everything_at_once() -> None:
    with pytest.raises(EnvironmentInvalid) as caught:
        read_environment(is_production=True)
    assert str(caught.value).count("\n") == len(GOOD)


def test_no_secret_is_shown_in_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **{**GOOD, "DATABASE_URL": "mysql://antesis:hunter2@db/antesis", "SECRET_KEY": "tooshort"})
    with pytest.raises(EnvironmentInvalid) as caught:
        read_environment(is_production=True)
    assert "hunter2" not in str(caught.value)
    assert "tooshort" not in str(caught.value)


@pytest.mark.parametrize("prefix", ["media/", "/media", "/"])
def test_the_internal_location_of_a_web_server_is_a_path(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    _set(monkeypatch, ACCEL_PREFIX=prefix)
    with pytest.raises(EnvironmentInvalid, match="ACCEL_PREFIX must begin and end with /"):
        read_environment()


def test_an_internal_location_is_of_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, ACCEL_PREFIX="/media/", S3_BUCKET="photos")
    with pytest.raises(EnvironmentInvalid, match="S3_BUCKET is set"):
        read_environment()
