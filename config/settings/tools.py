"""For tools that read the code and touch no service: type checks, the API schema, migrations' completeness."""

from __future__ import annotations

from config.env import BASE_DIR, read_environment
from config.settings.accounts import openid_connect
from config.settings.base import *  # noqa: F403 - Django settings are a flat namespace
from config.settings.databases import database_from_url
from config.settings.webhooks import webhook_settings

SECRET_KEY = "tools-serve-nobody"  # noqa: S105 - guards nothing
DEBUG = False
ALLOWED_HOSTS: list[str] = []
# A closed port: a tool that needs a database after all fails at once instead of touching somebody's data.
DATABASES = {"default": database_from_url("postgresql://nobody@127.0.0.1:9/none")}
REDIS_URL = "redis://127.0.0.1:9/0"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
VAR_DIR = BASE_DIR / "var"
IS_DEMO = False
ENV = read_environment()
WEBHOOKS = webhook_settings(ENV)
CODE_REVISION = ""
METRICS_TOKEN = ""
KERAS_WEIGHTS_DIR = TENSORBOARD_DIR = ACCEL_PREFIX = ""
GPU_MEMORY_MB, IS_MIXED_PRECISION = 0, False
STATIC_ROOT = STATIC_BUILD
SOCIALACCOUNT_PROVIDERS, OIDC = openid_connect(None)
