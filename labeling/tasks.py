"""Background work of the labelling side. A task loads an id and calls a service."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.core.cache import cache

from labeling.domain.errors import NotFound
from labeling.selectors.agreement import reports_waiting
from labeling.selectors.exports import exports_unfinished
from labeling.selectors.imports import imports_unfinished
from labeling.selectors.photos import photos_unprocessed
from labeling.selectors.scales import migrations_waiting
from labeling.selectors.webhooks import webhooks_due
from labeling.services.agreement_report import agreement_request, reports_advance
from labeling.services.annotator_quality import annotators_estimate, estimate_give_up
from labeling.services.archive_uploads import uploads_expire
from labeling.services.digests import digest_send, digests_due
from labeling.services.exports import export_run, exports_expire
from labeling.services.import_archives import archives_expire
from labeling.services.imports import browser_batches_close, import_run_archive
from labeling.services.photos import photo_process
from labeling.services.scale_migrations import scale_migration_carry_out
from labeling.services.webhook_delivery import webhook_deliver
from labeling.services.webhooks import deliveries_expire

log = structlog.get_logger(__name__)

ENQUEUED_FOR_S = 600
WEBHOOK_ENQUEUED_FOR_S = 60
RECONCILE_AT_MOST = 1000
ATTEMPTS = 5
ATTEMPTS_FOR_S = 3600


@shared_task(name="labeling.photo_process")
def process_photo(photo_id: int) -> None:
    """Make a received photo READY or REJECTED.

    A file that kills the worker (out of memory) is redelivered by the broker; it is left alone for an hour after
    ``ATTEMPTS`` starts, so that it cannot take the queue with it.
    """
    key = f"photo-attempts:{photo_id}"
    cache.add(key, 0, ATTEMPTS_FOR_S)
    if cache.incr(key) > ATTEMPTS:
        log.error("photo_given_up", photo_id=photo_id, attempts=ATTEMPTS)
        return
    try:
        photo_process(photo_id=photo_id)
    except NotFound:
        log.info("photo_gone", photo_id=photo_id)
    cache.delete_many([key, _mark(photo_id)])


@shared_task(name="labeling.scale_migration_carry_out")
def carry_out_scale_migration(migration_id: int) -> None:
    """Apply or undo a change of the stages, as it was asked for."""
    scale_migration_carry_out(migration_id=migration_id)


@shared_task(name="labeling.scale_migrations_reconcile")
def reconcile_scale_migrations() -> None:
    """Enqueue changes of the stages that wait although their message was lost."""
    for migration_id in migrations_waiting():
        carry_out_scale_migration.delay(migration_id)


@shared_task(name="labeling.photos_reconcile")
def reconcile_photos() -> None:
    """Enqueue photos that wait although nobody seems to know of them: the message was lost, or never sent.

    A photo enqueued within ``ENQUEUED_FOR_S`` is skipped, or a long queue would be doubled every 30 seconds. The marks
    live with the broker: where it lost the messages it lost the marks too, and the photos are enqueued at once.
    """
    waiting = photos_unprocessed(limit=RECONCILE_AT_MOST)
    marked = cache.get_many([_mark(photo_id) for photo_id in waiting])
    for photo_id in waiting:
        if _mark(photo_id) not in marked:
            enqueue_photo(photo_id)


@shared_task(name="labeling.import_run")
def run_import(import_batch_id: int) -> None:
    """Bring in an uploaded archive."""
    try:
        import_run_archive(import_batch_id=import_batch_id)
    except NotFound:
        log.info("import_gone", import_batch_id=import_batch_id)


@shared_task(name="labeling.imports_reconcile")
def reconcile_imports() -> None:
    """Take up imports that were never started or whose worker is gone; close browser batches that went quiet.

    And delete archives that were kept long enough, and files that nobody goes on sending.
    """
    for import_batch_id in imports_unfinished():
        run_import.apply_async(args=(import_batch_id,), retry=False)
    browser_batches_close()
    archives_expire()
    uploads_expire()


@shared_task(name="labeling.export_run")
def run_export(export_id: int) -> None:
    """Write the file of an export."""
    try:
        export_run(export_id=export_id)
    except NotFound:
        log.info("export_gone", export_id=export_id)


@shared_task(name="labeling.exports_reconcile")
def reconcile_exports() -> None:
    """Take up exports that were never started or whose worker is gone; delete files kept long enough."""
    for export_id in exports_unfinished():
        run_export.apply_async(args=(export_id,), retry=False)
    exports_expire()


@shared_task(name="labeling.annotators_estimate")
def estimate_annotators(project_id: int) -> None:
    """Estimate a project's annotators, if that was asked for and nobody is at it.

    As with photos: what kills the worker is redelivered, but not for ever.
    """
    cache.delete(_estimate_mark(project_id))
    key = f"estimate-attempts:{project_id}"
    cache.add(key, 0, ATTEMPTS_FOR_S)
    if cache.incr(key) > ATTEMPTS:
        log.error("estimate_given_up", project_id=project_id, attempts=ATTEMPTS)
        estimate_give_up(project_id=project_id, reason=f"The worker ended {ATTEMPTS} times while computing this.")
        return
    annotators_estimate(project_id=project_id)
    cache.delete(key)


@shared_task(name="labeling.annotators_reconcile")
def reconcile_annotators() -> None:
    """Ask for estimates where new annotations call for one; enqueue those that wait and nobody seems to know of."""
    for project_id in reports_advance():
        agreement_request(project_id=project_id)
    for project_id in reports_waiting():
        if cache.get(_estimate_mark(project_id)) is None:
            enqueue_estimate(project_id)


def enqueue_estimate(project_id: int) -> None:
    """Send the estimate of a project's annotators to a worker, and mark it as sent, as with photos."""
    estimate_annotators.apply_async(args=(project_id,), retry=False)
    cache.set(_estimate_mark(project_id), 1, ENQUEUED_FOR_S)


def _estimate_mark(project_id: int) -> str:
    return f"estimate-enqueued:{project_id}"


@shared_task(name="labeling.digests_send")
def send_digests() -> None:
    """Write to those who asked for the weekly e-mail; one message a person, so that one bad address stops nobody."""
    for user_id in digests_due():
        send_digest.apply_async(args=(user_id,), retry=False)


@shared_task(name="labeling.digest_send")
def send_digest(user_id: int) -> None:
    """Write to one of them."""
    digest_send(user_id=user_id)


@shared_task(name="labeling.webhook_deliver")
def deliver_webhook(webhook_id: int) -> None:
    """Tell a webhook what it waits for."""
    cache.delete(_webhook_mark(webhook_id))
    if webhook_deliver(webhook_id=webhook_id):
        enqueue_webhook(webhook_id)


@shared_task(name="labeling.webhooks_reconcile")
def reconcile_webhooks() -> None:
    """Enqueue webhooks with messages whose time has come, whoever has forgotten them; delete old messages."""
    for webhook_id in webhooks_due():
        enqueue_webhook(webhook_id)
    deliveries_expire()


def enqueue_webhook(webhook_id: int) -> None:
    """Send the telling of a webhook to a worker, unless that was done a moment ago and it has not begun."""
    if cache.add(_webhook_mark(webhook_id), 1, WEBHOOK_ENQUEUED_FOR_S):
        deliver_webhook.apply_async(args=(webhook_id,), retry=False)


def _webhook_mark(webhook_id: int) -> str:
    return f"webhook-enqueued:{webhook_id}"


def enqueue_photo(photo_id: int) -> None:
    """Send the processing of a photo to a worker, and mark it as sent.

    Without retries: if the broker is down the caller must not wait, and the photo is found by the reconciliation.
    """
    process_photo.apply_async(args=(photo_id,), retry=False)
    cache.set(_mark(photo_id), 1, ENQUEUED_FOR_S)


def _mark(photo_id: int) -> str:
    return f"photo-enqueued:{photo_id}"
