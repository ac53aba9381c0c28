"""Facts turned into tasks. A receiver only enqueues; what to do is decided from the rows when the task runs."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from classifier import events, tasks
from labeling import events as labeling_events


@receiver(labeling_events.photo_ingested)
def _score_new_photo(project_id: int, **_: Any) -> None:
    tasks.enqueue_once(tasks.project_score, project_id, countdown=2)


@receiver(labeling_events.consensus_reached)
@receiver(labeling_events.consensuses_reached)
@receiver(labeling_events.consensus_withdrawn)
def _learn_from_decision(project_id: int, **_: Any) -> None:
    tasks.enqueue_once(tasks.project_refresh_if_due, project_id, countdown=1)


@receiver(events.refresh_requested)
def _refresh(project_id: int, **_: Any) -> None:
    tasks.enqueue_once(tasks.project_refresh, project_id)


@receiver(labeling_events.queue_running_low)
def _refill(project_id: int, **_: Any) -> None:
    tasks.enqueue_once(tasks.project_refill, project_id)


@receiver(events.model_promoted)
def _score_by_new_version(project_id: int, **_: Any) -> None:
    tasks.enqueue_once(tasks.project_score, project_id)
    # An older version that is back has scored the photos already: no chunk is handed out whose end would refresh.
    tasks.enqueue_once(tasks.project_refresh, project_id)


@receiver(events.model_export_requested)
def _export(model_export_id: int, **_: Any) -> None:
    tasks.model_export_run.delay(model_export_id)


@receiver(events.training_run_requested)
def _train(training_run_id: int, **_: Any) -> None:
    tasks.training_run.delay(training_run_id)


@receiver(events.training_run_finished)
def _look_through_labels(training_run_id: int, **_: Any) -> None:
    tasks.enqueue_once(tasks.second_look_round_build, training_run_id)


@receiver(events.photo_map_requested)
def _lay_out_map(photo_map_id: int, **_: Any) -> None:
    tasks.enqueue_once(tasks.photo_map_build, photo_map_id)


@receiver(events.training_run_finished)
def _look_at_classes_anew(project_id: int, **_: Any) -> None:
    tasks.class_report_ask.delay(project_id)


@receiver(events.class_report_requested)
def _look_at_classes(project_id: int, **_: Any) -> None:
    tasks.enqueue_once(tasks.class_report_build, project_id)


@receiver(events.dashboard_requested)
def _compute_dashboard(project_id: int, **_: Any) -> None:
    tasks.enqueue_once(tasks.dashboard_build, project_id)


@receiver(labeling_events.scale_migrated)
def _follow_scale(project_id: int, **_: Any) -> None:
    tasks.scale_followed.delay(project_id)
