"""What is told of a training run when it has ended, in the transaction that ends it."""

from __future__ import annotations

from classifier import events
from classifier.models import TrainingRun
from labeling.events import announce
from labeling.models import WebhookEvent
from labeling.services.webhooks import webhook_record


def training_run_ended(*, run: TrainingRun) -> None:
    """Announce the end of a run, however it ended."""
    announce(events.training_run_finished, training_run_id=run.pk, project_id=run.project_id)
    webhook_record(
        project_id=run.project_id,
        event=WebhookEvent.TRAINING_FINISHED,
        data={"training_run": run.pk, "state": str(run.state)},
    )
