"""Wires a process together once Django is ready."""

from __future__ import annotations

from django.apps import AppConfig


class ProcessConfig(AppConfig):
    """Makes our Celery app the current one in every process, the web and commands included.

    Without it their shared tasks would go to a broker of Celery's own default: another port, another protocol.
    """

    name = "config"
    label = "process"

    def ready(self) -> None:
        from config import celery  # noqa: F401 - needs the settings, so not before
