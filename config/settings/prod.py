"""Production: everything that matters comes from the environment, and nothing secret has a default."""

from __future__ import annotations

from config.env import read_environment
from config.logs import logging_settings, structlog_configure
from config.settings.accounts import openid_connect
from config.settings.base import *  # noqa: F403 - Django settings are a flat namespace
from config.settings.databases import database_from_url
from config.settings.mail import mail_settings
from config.settings.storage import storages
from config.settings.webhooks import webhook_settings

ENV = read_environment(is_production=True)

SECRET_KEY = ENV.secret_key
DEBUG = False
# The container's own health check asks by this name; the proxy passes people's requests under the public ones.
ALLOWED_HOSTS = [*ENV.allowed_hosts, "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = [ENV.public_origin]

# TLS ends at the proxy, which must set (not pass on) X-Forwarded-Proto: docs/operations.md.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by the orchestrator, without the proxy
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
SESSION_COOKIE_PATH = "/"
CSRF_COOKIE_SECURE = True

DATABASES = {"default": database_from_url(ENV.database_url)}
REDIS_URL = ENV.redis_url
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
VAR_DIR = ENV.var_dir
FILE_UPLOAD_TEMP_DIR = str(VAR_DIR)  # archives of gigabytes do not belong into a /tmp held in memory
STORAGES = storages(ENV)
IS_DEMO = False
CODE_REVISION = ENV.code_revision
METRICS_TOKEN = ENV.metrics_token
KERAS_WEIGHTS_DIR = ENV.keras_weights_dir
GPU_MEMORY_MB, IS_MIXED_PRECISION = ENV.gpu_memory_mb, ENV.is_mixed_precision
ACCEL_PREFIX = ENV.accel_prefix
TENSORBOARD_DIR = ENV.tensorboard_dir
STATIC_ROOT = STATIC_BUILD
SOCIALACCOUNT_PROVIDERS, OIDC = openid_connect(ENV)
globals().update(mail_settings(ENV))
WEBHOOKS = webhook_settings(ENV)
LOGGING = logging_settings(is_json=ENV.log_json, level=ENV.log_level)
structlog_configure()
