"""Celery's settings, read by ``config.celery``."""

from __future__ import annotations

from celery.schedules import crontab
from django.conf import settings

from config.settings.redis_urls import broker_url as celery_url
from config.settings.redis_urls import keepalive_options

broker_url = celery_url(settings.REDIS_URL)
result_backend = None  # a task's result is the row it wrote
task_ignore_result = True
task_serializer = result_serializer = "json"
accept_content = ["json"]
task_default_queue = "default"
task_routes = {
    "classifier.train.*": {"queue": "train"},
    "classifier.score.*": {"queue": "score"},
}
# A task is acknowledged when it is done, so the work of a killed worker is handed out again. Tasks are safe to repeat.
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
# Redis hands a message out again when it is not acknowledged within this time. Training may take longer; it guards
# itself by its row, its heartbeat and a lock in the database.
# A broker that vanished without a word (its host, or the link to it) is noticed by keepalives within half a minute.
broker_transport_options = {
    "visibility_timeout": 3600,
    "socket_keepalive": True,
    "socket_keepalive_options": keepalive_options(),
    "socket_connect_timeout": 5,
}
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
# Enqueueing happens after the commit of what it follows from. A broker that is down must not hold the request up: the
# call fails at once, and the reconciling tasks of beat do the work later.
task_publish_retry = False
worker_cancel_long_running_tasks_on_connection_loss = False
worker_hijack_root_logger = False  # Django's LOGGING has set logging up
worker_send_task_events = False
beat_scheduler = "config.beat:SteadyScheduler"
beat_schedule_filename = str(settings.VAR_DIR / "beat-schedule")
beat_schedule = {
    "digests-weekly": {"task": "labeling.digests_send", "schedule": crontab(day_of_week="mon", hour="6", minute="0")},
    "photos-unprocessed": {"task": "labeling.photos_reconcile", "schedule": 30.0},
    "imports-unfinished": {"task": "labeling.imports_reconcile", "schedule": 30.0},
    "exports-unfinished": {"task": "labeling.exports_reconcile", "schedule": 30.0},
    "annotators-due": {"task": "labeling.annotators_reconcile", "schedule": 30.0},
    "scale-migrations-waiting": {"task": "labeling.scale_migrations_reconcile", "schedule": 30.0},
    "webhooks-due": {"task": "labeling.webhooks_reconcile", "schedule": 30.0},
    "training-runs-lost": {"task": "classifier.training_runs_sweep", "schedule": 10.0},
    "photo-maps-behind": {"task": "classifier.photo_maps_reconcile", "schedule": 15.0},
    "dashboards-due": {"task": "classifier.dashboards_reconcile", "schedule": 30.0},
    "model-exports-unfinished": {"task": "classifier.score.model_exports_reconcile", "schedule": 30.0},
    "pixels-of-photos-gone": {"task": "classifier.score.pixels_forget", "schedule": 3600.0},
    "projects-behind": {"task": "classifier.score.projects_reconcile", "schedule": 15.0},
}
