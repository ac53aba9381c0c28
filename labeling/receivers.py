"""What happens after a fact was committed: something is enqueued, nothing else."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from labeling import events, tasks


@receiver(events.photo_received)
def enqueue_processing(*, photo_id: int, **_: Any) -> None:
    """A photo came in: have it processed."""
    tasks.enqueue_photo(photo_id)


@receiver(events.import_requested)
def enqueue_import(*, import_batch_id: int, **_: Any) -> None:
    """An archive came in: have it imported."""
    tasks.run_import.apply_async(args=(import_batch_id,), retry=False)


@receiver(events.export_requested)
def enqueue_export(*, export_id: int, **_: Any) -> None:
    """Somebody wants an export: have it made."""
    tasks.run_export.apply_async(args=(export_id,), retry=False)


@receiver(events.scale_migration_requested)
def enqueue_scale_migration(*, migration_id: int, **_: Any) -> None:
    """A change of the stages was asked for: have it carried out."""
    tasks.carry_out_scale_migration.apply_async(args=(migration_id,), retry=False)


@receiver(events.webhook_waiting)
def enqueue_webhook(*, webhook_id: int, **_: Any) -> None:
    """A webhook has something to be told: have it sent."""
    tasks.enqueue_webhook(webhook_id)


@receiver(events.agreement_requested)
def enqueue_estimate_asked(*, project_id: int, **_: Any) -> None:
    """Figures were asked for: have the annotators estimated."""
    tasks.enqueue_estimate(project_id)
