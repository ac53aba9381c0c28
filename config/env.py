"""The only reader of ``os.environ``. Typed; a wrong environment fails at start with a list of all that is wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent


def default_settings(module: str = "config.settings.dev") -> None:
    """Choose Django's settings unless DJANGO_SETTINGS_MODULE already does. Called by every entry point."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", module)


def set_defaults(**values: str) -> None:
    """Set variables that are not set, for this process and those it starts."""
    for name, value in values.items():
        os.environ.setdefault(name, value)


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's variables with ``extra`` ones, for a process it starts."""
    return {**os.environ, **(extra or {})}


def test_worker() -> str:
    """Which of several parallel test processes this is ("gw0"); empty when there is one."""
    return os.environ.get("PYTEST_XDIST_WORKER", "")


class EnvironmentInvalid(SystemExit):
    """The environment cannot be used; the message lists every fault found."""


@dataclass
class _Reader:
    """Reads variables, collecting faults instead of stopping at the first."""

    faults: list[str] = field(default_factory=list)

    def text(self, name: str, default: str = "") -> str:
        return os.environ.get(name, default).strip()

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if value in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
            return default if value == "" else value in {"1", "true", "yes", "on"}
        self.faults.append(f"{name} must be yes or no, not {value!r}")
        return default

    def number(self, name: str, default: int) -> int:
        value = self.text(name)
        if value == "":
            return default
        if not value.isdigit():
            self.faults.append(f"{name} must be a whole number, not {value!r}")
            return default
        return int(value)

    def url(self, name: str, schemes: tuple[str, ...]) -> str:
        value = self.text(name)
        if value and urlsplit(value).scheme not in schemes:
            self.faults.append(f"{name} must start with one of {', '.join(s + '://' for s in schemes)}")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, default).upper() or default
        if value not in allowed:
            self.faults.append(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
            return default
        return value

    def names(self, name: str) -> list[str]:
        return [part.strip() for part in self.text(name).split(",") if part.strip()]


@dataclass(frozen=True)
class Environment:
    """Everything that may be configured from outside; README.md has the same table."""

    secret_key: str
    allowed_hosts: list[str]
    public_origin: str
    database_url: str
    redis_url: str
    var_dir: Path
    media_dir: Path
    accel_prefix: str
    is_embedded_durable: bool
    bind: str
    port: int
    is_demo: bool
    s3_bucket: str
    s3_endpoint_url: str
    s3_region: str
    oidc_name: str
    oidc_server_url: str
    oidc_client_id: str
    oidc_client_secret: str
    email_url: str
    email_from: str
    is_webhooks: bool
    webhook_hosts: list[str]
    webhook_own_hosts: list[str]
    keras_weights_dir: str
    gpu_memory_mb: int
    is_mixed_precision: bool
    tensorboard_dir: str
    log_json: bool
    log_level: str
    code_revision: str
    metrics_token: str


def read_environment(*, is_production: bool = False) -> Environment:
    """Read and check the environment.

    Raises:
        EnvironmentInvalid: with one line per fault.
    """
    reader = _Reader()
    var_dir = Path(reader.text("ANTESIS_VAR", str(BASE_DIR / "var"))).absolute()
    environment = Environment(
        secret_key=reader.text("SECRET_KEY"),
        allowed_hosts=reader.names("ALLOWED_HOSTS"),
        public_origin=reader.url("PUBLIC_ORIGIN", ("https", "http")),
        database_url=reader.url("DATABASE_URL", ("postgresql", "postgres")),
        redis_url=reader.url("REDIS_URL", ("redis", "rediss", "unix")),
        var_dir=var_dir,
        media_dir=Path(reader.text("MEDIA_DIR", str(var_dir / "media"))).absolute(),
        accel_prefix=reader.text("ACCEL_PREFIX"),
        is_embedded_durable=reader.flag("EMBEDDED_DURABLE", default=True),
        bind=reader.text("BIND", "127.0.0.1"),
        port=reader.number("PORT", 8000),
        is_demo=reader.flag("DEMO", default=False),
        s3_bucket=reader.text("S3_BUCKET"),
        s3_endpoint_url=reader.url("S3_ENDPOINT_URL", ("https", "http")),
        s3_region=reader.text("S3_REGION"),
        oidc_name=reader.text("OIDC_NAME", "OpenID Connect"),
        oidc_server_url=reader.url("OIDC_SERVER_URL", ("https", "http")),
        oidc_client_id=reader.text("OIDC_CLIENT_ID"),
        oidc_client_secret=reader.text("OIDC_CLIENT_SECRET"),
        email_url=reader.url("EMAIL_URL", ("smtp", "smtps")),
        email_from=reader.text("EMAIL_FROM"),
        is_webhooks=reader.flag("WEBHOOKS", default=False),
        webhook_hosts=reader.names("WEBHOOK_HOSTS"),
        webhook_own_hosts=reader.names("WEBHOOK_OWN_HOSTS"),
        keras_weights_dir=reader.text("KERAS_HOME"),
        gpu_memory_mb=reader.number("GPU_MEMORY_MB", 0),
        is_mixed_precision=reader.flag("MIXED_PRECISION", default=False),
        tensorboard_dir=reader.text("TENSORBOARD_DIR"),
        log_json=reader.flag("LOG_JSON", default=is_production),
        log_level=reader.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
        code_revision=reader.text("CODE_REVISION"),
        metrics_token=reader.text("METRICS_TOKEN"),
    )
    if is_production:
        reader.faults += _production_faults(environment)
    prefix = environment.accel_prefix
    if prefix and not (len(prefix) > 1 and prefix.startswith("/") and prefix.endswith("/")):
        reader.faults.append("ACCEL_PREFIX must begin and end with /, as the internal location of the web server does")
    if prefix and environment.s3_bucket:
        reader.faults.append("ACCEL_PREFIX is for a folder of photos, and S3_BUCKET is set")
    if bool(environment.oidc_client_id) != bool(environment.oidc_server_url):
        reader.faults.append("OIDC_SERVER_URL and OIDC_CLIENT_ID must be given together")
    if bool(environment.email_url) != bool(environment.email_from):
        reader.faults.append("EMAIL_URL and EMAIL_FROM must be given together")
    if environment.email_url and not environment.public_origin:
        reader.faults.append("PUBLIC_ORIGIN must be set for e-mails: they link to it")
    if reader.faults:
        raise EnvironmentInvalid("The environment cannot be used:\n" + "\n".join(f"  - {f}" for f in reader.faults))
    return environment


def _production_faults(environment: Environment) -> list[str]:
    faults = []
    if len(environment.secret_key) < 40 or len(set(environment.secret_key)) < 10:
        faults.append("SECRET_KEY must be set to at least 40 random characters")
    if not environment.allowed_hosts or "*" in environment.allowed_hosts:
        faults.append("ALLOWED_HOSTS must name the hosts that are served, not *")
    if not environment.public_origin.startswith("https://"):
        faults.append("PUBLIC_ORIGIN must be the https:// address people use")
    if not environment.database_url:
        faults.append("DATABASE_URL must be set")
    if not environment.redis_url:
        faults.append("REDIS_URL must be set")
    if environment.is_demo:
        faults.append("DEMO must not be set in production")
    return faults
