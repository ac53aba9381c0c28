"""What webhooks are told of the learning side, in the transaction that makes it true."""

from __future__ import annotations

import pytest

from classifier.services.promotion import model_version_promote
from classifier.services.training import training_run_cancel
from labeling.domain.webhook_addresses import WebhookRules
from labeling.models import ImportBatch, WebhookDelivery
from labeling.services.imports import browser_batches_close
from tests.factories.classifier import ModelVersionFactory, TrainingRunFactory
from tests.factories.labeling import ImportBatchFactory, ProjectFactory, WebhookFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(settings, db):
    settings.WEBHOOKS = WebhookRules(is_enabled=True)
    return WebhookFactory(project=ProjectFactory()).project


def told():
    return [(it.event, it.payload["data"]) for it in WebhookDelivery.objects.order_by("id")]


def test_a_promoted_version(project):
    version = ModelVersionFactory(project=project, number=3)
    for _ in range(2):  # promoting the promoted one is no event
        model_version_promote(model_version_id=version.pk, reason="Better.")
    assert told() == [("model.promoted", {"project": project.slug, "model_version": str(version.pk), "number": 3})]


def test_a_training_that_ended(project):
    run = TrainingRunFactory(project=project)
    training_run_cancel(run=run)
    assert told() == [("training.finished", {"project": project.slug, "training_run": run.pk, "state": "cancelled"})]


def test_an_import_that_went_quiet(project):
    from datetime import timedelta

    from django.utils import timezone

    long_ago = timezone.now() - timedelta(days=1)
    quiet, _ = (
        ImportBatchFactory(project=project, state=ImportBatch.State.RUNNING, heartbeat_at=at, received=2)
        for at in (long_ago, timezone.now())
    )
    assert browser_batches_close() == 1
    assert browser_batches_close() == 0
    assert told() == [
        (
            "import.finished",
            {"project": project.slug, "import": quiet.pk, "state": "done", "received": 2, "refused": 0},
        )
    ]
