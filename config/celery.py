"""Celery: JSON only, three queues, late acknowledgement; which task runs where."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("antesis")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks(["labeling", "classifier"])
