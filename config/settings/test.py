"""Tests: the same real parts as development, in a place of their own."""

from __future__ import annotations

from config.settings.dev import *  # noqa: F403 - Django settings are a flat namespace

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
