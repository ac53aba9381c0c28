"""Celery's settings, read by ``config.celery``."""

from __future__ import annotations

from django.conf import settings

broker_url = settings.REDIS_URL.replace("unix://", "redis+socket://")
result_backend = None  # a task's result is the row it wrote
task_ignore_result = True
task_serializer = result_serializer = "json"
accept_content = ["json"]
task_default_queue = "default"
task_routes = {
    "classifier.train.*": {"queue": "train"},
    "classifier.score.*": {"queue": "score"},
}
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
broker_connection_retry_on_startup = True
broker_transport_options = {"visibility_timeout": 3600}
beat_schedule = {
    "photos-unprocessed": {"task": "labeling.photos_reconcile", "schedule": 30.0},
    "imports-unfinished": {"task": "labeling.imports_reconcile", "schedule": 30.0},
    "training-runs-lost": {"task": "classifier.training_runs_sweep", "schedule": 10.0},
    "projects-behind": {"task": "classifier.score.projects_reconcile", "schedule": 15.0},
}
