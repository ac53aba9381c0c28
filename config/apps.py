"""Wires a process together once Django is ready."""

from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class ProcessConfig(AppConfig):
    """Makes our Celery app the current one in every process, the web and commands included.

    Without it their shared tasks would go to a broker of Celery's own default: another port, another protocol.
    A process also finds the folder that large uploads are spooled to, on a machine where nothing ran before.
    """

    name = "config"
    label = "process"

    def ready(self) -> None:
        from config import celery  # noqa: F401 - needs the settings, so not before

        spool = getattr(settings, "FILE_UPLOAD_TEMP_DIR", None)
        if spool:
            Path(spool).mkdir(parents=True, exist_ok=True)
