"""Tests: the same real parts as development, in a place of their own."""

from __future__ import annotations

from config.env import BASE_DIR, set_defaults, test_worker

# Set in the environment, not here, so that the processes a test starts live in the same place.
set_defaults(ANTESIS_VAR=str(BASE_DIR / "var" / "test"), EMBEDDED_DURABLE="no", LOG_LEVEL="WARNING")

from config.settings.dev import *  # noqa: E402, F403 - Django settings are a flat namespace
from config.settings.dev import ENV, REDIS_URL, STORAGES  # noqa: E402
from config.settings.redis_urls import with_database  # noqa: E402

# Parallel test processes get their own photos and their own queues; pytest-django gives each its own database.
MEDIA_DIR = ENV.var_dir / f"media-{test_worker() or 'main'}"
STORAGES["default"] = {"BACKEND": "config.folder_storage.FolderStorage", "OPTIONS": {"location": MEDIA_DIR}}
REDIS_URL = with_database(REDIS_URL, 1 + int((test_worker() or "gw0")[2:]))
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
