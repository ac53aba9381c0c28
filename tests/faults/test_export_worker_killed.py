"""A worker is killed while it writes an export: another takes it up, and what can be downloaded is whole."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from labeling.models import ExportJob
from labeling.services.exports import ExportOrder, export_request
from labeling.storage_keys import export_key
from tests.conftest import present_database_url
from tests.factories.labeling import PhotoFactory, ProjectFactory
from tests.labeling.exports.worlds import settled, with_bytes
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

N_PHOTOS = 5


def _now(job: ExportJob) -> ExportJob:
    job.refresh_from_db()
    return job


def test_a_killed_export_is_made_anew_by_another_worker(stack: Stack) -> None:
    """GIVEN an export under way, WHEN its worker is killed with SIGKILL, THEN beat has it done, once and whole."""
    project = ProjectFactory()
    for photo in PhotoFactory.create_batch(N_PHOTOS, project=project):
        settled(photo, 1)
        with_bytes(photo)
    stack.start("default")
    with psycopg.connect(present_database_url()) as other:
        # The worker comes to a halt amid its first page, however fast it is.
        other.execute("lock table labeling_suggestion in access exclusive mode")
        job, _ = export_request(project=project, order=ExportOrder("csv", photos="view"))
        wait_until(
            lambda: _now(job).state == ExportJob.State.RUNNING,
            what=f"the export is under way\n{stack.log('default')}",
        )
        stack.kill("default")
        assert (_now(job).state, job.attempt, job.result) == (ExportJob.State.RUNNING, 1, "")

    # The lease of the dead worker is over sooner than it would be.
    ExportJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    stack.start("default", "beat")
    wait_until(lambda: _now(job).finished_at, what="the export is over", patience=240)
    assert (job.state, job.error, job.total, job.attempt) == (ExportJob.State.DONE, "", N_PHOTOS, 2)
    with default_storage.open(job.result) as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == job.sha256
    assert not default_storage.exists(export_key(job.pk, 1))
