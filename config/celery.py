"""Celery: JSON only, three queues, late acknowledgement; which task runs where."""

from __future__ import annotations

from celery import Celery

from config.env import default_settings

default_settings()

app = Celery("antesis")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks(["labeling", "classifier"])
