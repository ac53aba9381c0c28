"""Celery: JSON only, three queues, late acknowledgement; which task runs where."""

from __future__ import annotations

import warnings
from typing import Any

import structlog
from celery import Celery, Task, signals
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]  # missing from the stubs

from config import worker_heartbeat
from config.env import default_settings, set_defaults

default_settings()
set_defaults(TF_CPP_MIN_LOG_LEVEL="1")  # TensorFlow's hints on how to compile it tell an operator nothing

# Root in a container is warned of because pickled tasks would run anything; ours are JSON.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("antesis")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks(["labeling", "classifier"])

worker_heartbeat.connect()


@signals.setup_logging.connect
def _keep_logging(**_: Any) -> None:
    """Having a receiver stops Celery from setting logging up over Django's LOGGING."""


@signals.task_prerun.connect
def _bind_task(task_id: str, task: Task[Any, Any], **_: Any) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)
