"""One machine, nothing installed by hand: embedded services unless their URLs are given."""

from __future__ import annotations

from django.core.management.utils import get_random_secret_key

from config.env import read_environment
from config.logs import logging_settings, structlog_configure
from config.services import ensure_postgres, ensure_redis
from config.settings.accounts import openid_connect
from config.settings.base import *  # noqa: F403 - Django settings are a flat namespace
from config.settings.databases import database_from_url
from config.settings.mail import mail_settings
from config.settings.storage import storages
from config.settings.webhooks import webhook_settings

ENV = read_environment()
ENV.var_dir.mkdir(parents=True, exist_ok=True)

_secret_file = ENV.var_dir / "secret-key"
if not ENV.secret_key and not _secret_file.exists():
    # Written aside and renamed: two processes that start together must not read half a key, or two keys.
    _draft = _secret_file.with_name(f"secret-key.{id(ENV)}.part")
    _draft.touch(mode=0o600)
    _draft.write_text(get_random_secret_key())
    try:
        _secret_file.hardlink_to(_draft)
    except FileExistsError:
        pass
    finally:
        _draft.unlink()

SECRET_KEY = ENV.secret_key or _secret_file.read_text()
DEBUG = False
ALLOWED_HOSTS = ENV.allowed_hosts or ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ENV.public_origin] if ENV.public_origin else []
DATABASES = {
    "default": database_from_url(ENV.database_url or ensure_postgres(ENV.var_dir, is_durable=ENV.is_embedded_durable))
}
REDIS_URL = ENV.redis_url or ensure_redis(ENV.var_dir)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
VAR_DIR = ENV.var_dir
STORAGES = storages(ENV)
WHITENOISE_USE_FINDERS = True
IS_DEMO = ENV.is_demo
CODE_REVISION = ENV.code_revision
METRICS_TOKEN = ENV.metrics_token
KERAS_WEIGHTS_DIR = ENV.keras_weights_dir
GPU_MEMORY_MB, IS_MIXED_PRECISION = ENV.gpu_memory_mb, ENV.is_mixed_precision
ACCEL_PREFIX = ENV.accel_prefix
TENSORBOARD_DIR = ENV.tensorboard_dir
SOCIALACCOUNT_PROVIDERS, OIDC = openid_connect(ENV)
globals().update(mail_settings(ENV))
WEBHOOKS = webhook_settings(ENV)
LOGGING = logging_settings(is_json=ENV.log_json, level=ENV.log_level)
structlog_configure()
