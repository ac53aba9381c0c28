"""Celery tasks of the learning side: load an id, call a service.

Services of ml workers, and the runtime with them, are imported inside the functions: web processes and ``default``
workers import this module as well and must stay free of TensorFlow and of the packages the web image lacks.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery import Task, shared_task
from django.conf import settings

from classifier.selectors.workers import redis_client

logger = structlog.get_logger(__name__)

PENDING_SECONDS = 60
"""How long an enqueued-once task counts as pending; a message lost in between delays its like by no more."""
WAVE_SECONDS = 300


def enqueue_once(task: Task, *args: int | str, countdown: int = 0, pending: int = PENDING_SECONDS) -> bool:
    """Enqueue unless the same call waits already; returns whether it was enqueued.

    The mark is deleted when the task starts, before it reads anything: what happens after that enqueues it anew, so no
    fact falls between two runs.
    """
    if not redis_client().set(_pending_key(task.name, args), 1, nx=True, ex=pending + countdown):
        return False
    task.apply_async(args=args, countdown=countdown)
    return True


@shared_task(name="classifier.train.training_run")
def training_run(run_id: int) -> None:
    """Train; see ``training_run_execute`` for what makes a second delivery harmless."""
    from classifier.services.training_execution import training_run_execute

    _started(training_run, run_id)
    training_run_execute(run_id=run_id, worker=_worker_name(training_run), runtime=_networks())


@shared_task(name="classifier.training_runs_sweep")
def training_runs_sweep() -> None:
    """Find runs whose worker died or whose message is gone, and send them again."""
    from classifier.services.training import training_runs_sweep as sweep

    for run_id in sweep().to_enqueue:
        enqueue_once(training_run, run_id)


@shared_task(name="classifier.score.project_score")
def project_score(project_id: int) -> None:
    """Hand out the project's unscored photos in chunks; one wave at a time.

    The wave's key counts the chunks still out. A wave that lost a chunk ends when its key expires, and the reconciler
    starts the next.
    """
    from classifier.services.scoring import CHUNK, photos_to_score

    _started(project_score, project_id)
    wave = _wave_key(project_id)
    if redis_client().exists(wave):
        return
    ids = photos_to_score(project_id=project_id, feature_space=feature_space_name())
    chunks = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    if chunks and redis_client().set(wave, len(chunks), nx=True, ex=WAVE_SECONDS):
        for chunk in chunks:
            photos_score.delay(project_id, chunk)


@shared_task(name="classifier.score.photos_score")
def photos_score(project_id: int, photo_ids: list[int]) -> None:
    """Embed and predict one chunk; the last of a wave looks for more photos and re-orders the queue."""
    from classifier.services.scoring import photos_score as score

    try:
        score(project_id=project_id, photo_ids=photo_ids, runtime=_networks())
    finally:
        left = redis_client().decr(_wave_key(project_id))
        if left > 0:
            redis_client().expire(_wave_key(project_id), WAVE_SECONDS)
        else:
            redis_client().delete(_wave_key(project_id))
    if left <= 0:
        enqueue_once(project_score, project_id)
        enqueue_once(project_refresh, project_id)
        enqueue_once(shadow_score, project_id)


@shared_task(name="classifier.score.shadow_score")
def shadow_score(project_id: int) -> None:
    """Score new photos by the version that runs unseen beside the one in use; comes again while there are more."""
    from classifier.services.shadows import shadow_score as score

    _started(shadow_score, project_id)
    if score(project_id=project_id, runtime=_networks()):
        enqueue_once(shadow_score, project_id)


@shared_task(name="classifier.score.project_refresh")
def project_refresh(project_id: int) -> None:
    """Re-fit the light head and re-order the queue."""
    from classifier.services.refresh import project_refresh as refresh

    _started(project_refresh, project_id)
    refresh(project_id=project_id, feature_space=feature_space_name())
    training_if_due.delay(project_id)


@shared_task(name="classifier.score.project_refresh_if_due")
def project_refresh_if_due(project_id: int) -> None:
    """Refresh once ``refresh_every`` labels have moved; the reconciler picks up a smaller rest when it is quiet."""
    from classifier.services.reconcile import refresh_is_due

    _started(project_refresh_if_due, project_id)
    if refresh_is_due(project_id=project_id):
        enqueue_once(project_refresh, project_id)


@shared_task(name="classifier.score.project_refill")
def project_refill(project_id: int) -> None:
    """Refresh because the queue runs low, unless all there is to ask is queued already.

    Near the end of a pool every reservation announces a low queue; its mark is left to expire, so that this is looked
    at once a minute.
    """
    from classifier.services.reconcile import queue_can_grow

    if queue_can_grow(project_id=project_id):
        enqueue_once(project_refresh, project_id)


@shared_task(name="classifier.training_if_due")
def training_if_due(project_id: int) -> None:
    """Start a training when the labels call for one."""
    from classifier.services.training import training_start_if_due

    training_start_if_due(project_id=project_id)


@shared_task(name="classifier.score.second_look_round_build")
def second_look_round_build(run_id: int) -> None:
    """List the labels that the model of a run, and all else that is known, doubt."""
    from classifier.services.second_look import second_look_round_build as build

    _started(second_look_round_build, run_id)
    build(run_id=run_id, feature_space=feature_space_name())


@shared_task(name="classifier.score.photo_map_build")
def photo_map_build(photo_map_id: int) -> None:
    """Lay a project's photos out; see ``photo_map_build`` of the service for what makes a second delivery harmless."""
    from classifier.services.photo_map import photo_map_build as build

    _started(photo_map_build, photo_map_id)
    build(photo_map_id=photo_map_id, feature_space=feature_space_name(), worker=_worker_name(photo_map_build))


@shared_task(name="classifier.photo_maps_reconcile")
def photo_maps_reconcile() -> None:
    """Send again what was lost, and ask for maps of the photos that came since the last."""
    from classifier.services.photo_map_requests import photo_maps_behind

    for photo_map_id in photo_maps_behind():
        enqueue_once(photo_map_build, photo_map_id)


@shared_task(name="classifier.score.model_export_run")
def model_export_run(model_export_id: int) -> None:
    """Write a version in another format; what its row says makes a second delivery harmless."""
    from classifier import runtime
    from classifier.services.model_exports import model_export_run as run

    _started(model_export_run, model_export_id)
    run(model_export_id=model_export_id, runtime=runtime)


@shared_task(name="classifier.score.model_exports_reconcile")
def model_exports_reconcile() -> None:
    """Take up exports that were never started or whose worker is gone; delete files kept long enough."""
    from classifier.selectors.model_exports import model_exports_unfinished
    from classifier.services.model_export_requests import model_exports_expire

    for model_export_id in model_exports_unfinished():
        enqueue_once(model_export_run, model_export_id)
    model_exports_expire()


@shared_task(name="classifier.score.pixels_forget")
def pixels_forget() -> None:
    """Every hour one machine that scores deletes what it decoded of photos that are gone; each has its turn."""
    from classifier.services.photo_arrays import pixels_forget as forget

    forget()


@shared_task(name="classifier.score.class_report_build")
def class_report_build(project_id: int) -> None:
    """Compute the report on a project's classes that was asked for."""
    from classifier.services.class_report import class_report_build as build

    _started(class_report_build, project_id)
    build(project_id=project_id, feature_space=feature_space_name())


@shared_task(name="classifier.class_report_ask")
def class_report_ask(project_id: int) -> None:
    """Ask for a new report on the classes: there is a new model to go by."""
    from classifier.services.class_report_requests import class_report_request

    class_report_request(project_id=project_id)


@shared_task(name="classifier.score.dashboard_build")
def dashboard_build(project_id: int) -> None:
    """Compute the figures of a project's dashboard that were asked for."""
    from classifier.services.dashboard import dashboard_build as build

    _started(dashboard_build, project_id)
    build(project_id=project_id)


@shared_task(name="classifier.dashboards_reconcile")
def dashboards_reconcile() -> None:
    """Ask for new figures where something has come since the last; send again what was lost."""
    from classifier.services.dashboard_requests import dashboard_request, dashboards_due, dashboards_waiting

    for project_id in dashboards_due():
        dashboard_request(project_id=project_id)
    for project_id in dashboards_waiting():
        enqueue_once(dashboard_build, project_id)


@shared_task(name="classifier.scale_followed")
def scale_followed(project_id: int) -> None:
    """Bring the models in line with the scale that a project uses now."""
    from classifier.services.class_report_requests import class_report_request
    from classifier.services.dashboard_requests import dashboard_request
    from classifier.services.scale_following import scale_follow

    scale_follow(project_id=project_id)
    class_report_request(project_id=project_id)
    dashboard_request(project_id=project_id)
    enqueue_once(project_refresh, project_id)
    training_if_due.delay(project_id)


@shared_task(name="classifier.score.projects_reconcile")
def projects_reconcile() -> None:
    """Make up for lost messages: whatever the rows say is behind is enqueued."""
    from classifier.services.class_report_requests import class_reports_waiting
    from classifier.services.reconcile import projects_behind

    for project_id in class_reports_waiting():
        enqueue_once(class_report_build, project_id)
    behind = projects_behind(feature_space=feature_space_name())
    for project_id in behind.to_score:
        enqueue_once(project_score, project_id)
    for project_id in behind.to_refresh:
        enqueue_once(project_refresh, project_id)
    for project_id in behind.to_train:
        enqueue_once(training_if_due, project_id)
    for project_id in behind.to_shadow:
        enqueue_once(shadow_score, project_id)
    for run_id in behind.to_look_through:
        enqueue_once(second_look_round_build, run_id)


def loaded_runtime() -> Any:
    """The networks, for a command that runs in this process."""
    from classifier import runtime

    return runtime


def feature_space_name() -> str:
    """The space that photos are embedded in now; it follows from the weights at hand."""
    from classifier import runtime

    return runtime.feature_space(settings.KERAS_WEIGHTS_DIR).name


def _networks() -> Any:
    """The runtime, told how to use this worker's device."""
    from classifier import runtime

    runtime.device_settings(memory_mb=settings.GPU_MEMORY_MB, is_mixed=settings.IS_MIXED_PRECISION)
    return runtime


def _started(task: Task, *args: int | str) -> None:
    redis_client().delete(_pending_key(task.name, args))


def _pending_key(name: str, args: tuple[int | str, ...]) -> str:
    return f"antesis:pending:{name}:{':'.join(map(str, args))}"


def _wave_key(project_id: int) -> str:
    return f"antesis:wave:{project_id}"


def _worker_name(task: Task) -> str:
    return task.request.hostname or "command line"
