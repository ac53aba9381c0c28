"""An import is stopped by whoever started it: at once, with what came in kept and told."""

from __future__ import annotations

import io

import pytest
from django.core.files.storage import default_storage

from labeling.domain.errors import Conflict
from labeling.domain.webhook_addresses import WebhookRules
from labeling.models import ImportBatch, ImportRefusal, Photo, WebhookDelivery, WebhookEvent
from labeling.services import imports
from labeling.services.import_archives import archives_expire
from labeling.services.imports import (
    browser_batches_close,
    import_cancel,
    import_photo_receive,
    import_run,
    import_run_archive,
    import_start,
)
from tests.factories.labeling import ImportBatchFactory, ProjectFactory, WebhookFactory
from tests.labeling.imaging import corpus
from tests.labeling.imports.test_sources import zipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def hooked(project, settings):
    """The project, with a webhook that wants to hear of imports."""
    settings.WEBHOOKS = WebhookRules(is_enabled=True, own_hosts=())
    WebhookFactory(project=project, events=[WebhookEvent.IMPORT_FINISHED])
    return project


def of_photos(project, n=6, **fields):
    """An import of ``n`` files, the second of which is no photo."""
    files = [(f"{k}.jpg", corpus.HTML if k == 1 else corpus.jpeg(60 + k)) for k in range(n)]
    return import_start(project=project, name="Season", archive=zipped(*files), **fields)


class StoppedAfter:
    """A source whose import is cancelled while its ``n``-th row comes in."""

    def __init__(self, source, batch, n):
        self._source, self._batch, self._n = source, batch, n
        self.total = source.total

    def rows(self):
        for number, row in enumerate(self._source.rows(), 1):
            yield row
            if number == self._n:
                import_cancel(batch=ImportBatch.objects.get(pk=self._batch.pk))


@pytest.fixture
def stopped_after(monkeypatch):
    """Have the import of a batch be cancelled by somebody else while it runs; rows are taken one by one."""

    def arrange(batch, n):
        real = imports.source_of_upload
        monkeypatch.setattr(imports, "source_of_upload", lambda *a: StoppedAfter(real(*a), batch, n))
        monkeypatch.setattr(imports, "CHUNK", 1)

    return arrange


def test_a_running_import_stops_and_keeps_what_came_in(hooked, stopped_after):
    batch = of_photos(hooked)
    stopped_after(batch, 3)
    import_run_archive(import_batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.error) == ("cancelled", "")
    assert (batch.received, batch.refused, batch.total) == (2, 1, 6)
    assert Photo.objects.count() == 2
    assert ImportRefusal.objects.get(import_batch=batch).code == "not_an_image"
    told = WebhookDelivery.objects.get()
    assert told.payload["data"]["state"] == "cancelled"


def test_within_a_long_chunk_it_is_asked_too(project, monkeypatch):
    """Files are dealt with by the chunk; nobody waits for the end of one."""
    monkeypatch.setattr(imports, "SAVED_EVERY_S", 0.0)
    batch = of_photos(project)
    seen = []

    def receive(**fields):
        seen.append(fields["original_name"])
        if len(seen) == 2:
            import_cancel(batch=ImportBatch.objects.get(pk=batch.pk))
        return real(**fields)

    from labeling.services import import_rows

    real = import_rows.photo_receive
    monkeypatch.setattr(import_rows, "photo_receive", receive)
    import_run_archive(import_batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, len(seen), batch.received) == ("cancelled", 2, 2)


def test_one_that_waits_is_never_begun(project):
    batch = of_photos(project)
    import_cancel(batch=batch)
    import_run_archive(import_batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.total) == ("cancelled", 0)
    assert batch.finished_at is not None
    assert not Photo.objects.exists()


def test_it_can_be_imported_after_all(project, stopped_after):
    batch = of_photos(project)
    stopped_after(batch, 3)
    batch = import_run_archive(import_batch_id=batch.pk)
    again = import_start(project=project, name="Again", rehearsal=batch)
    again = import_run_archive(import_batch_id=again.pk)
    assert (again.state, again.received, again.duplicates, again.refused) == ("done", 3, 2, 1)
    assert Photo.objects.count() == 5


def test_its_archive_goes_in_the_end(project):
    batch = of_photos(project)
    import_cancel(batch=batch)
    key = batch.archive
    assert archives_expire() == 0
    ImportBatch.objects.update(finished_at="2026-01-01T00:00:00Z")
    assert archives_expire() == 1
    assert not default_storage.exists(key)


@pytest.mark.parametrize("state", ["done", "failed"])
def test_what_is_over_stays_so(state):
    batch = ImportBatchFactory(state=state)
    with pytest.raises(Conflict, match="over"):
        import_cancel(batch=batch)
    batch.refresh_from_db()
    assert batch.state == state


def test_twice_is_once(hooked):
    batch = of_photos(hooked)
    for _ in range(2):
        import_cancel(batch=batch)
    assert WebhookDelivery.objects.count() == 1


def test_a_batch_of_a_browser_takes_nothing_more(project):
    batch = import_start(project=project, name="Browser", is_browser_batch=True)
    import_photo_receive(batch=batch, stream=io.BytesIO(corpus.jpeg(70)), original_name="a.jpg")
    import_cancel(batch=batch)
    with pytest.raises(Conflict, match="cancelled"):
        import_photo_receive(batch=batch, stream=io.BytesIO(corpus.jpeg(71)), original_name="b.jpg")
    batch.refresh_from_db()
    assert (batch.state, batch.received, batch.total) == ("cancelled", 1, 1)
    ImportBatch.objects.update(heartbeat_at="2026-01-01T00:00:00Z")
    assert browser_batches_close() == 0


def test_a_photo_on_its_way_meanwhile_is_counted_and_revives_nothing(project):
    batch = import_start(project=project, name="Browser", is_browser_batch=True)
    seen_before = ImportBatch.objects.get(pk=batch.pk)
    import_cancel(batch=batch)
    import_photo_receive(batch=seen_before, stream=io.BytesIO(corpus.jpeg(72)), original_name="a.jpg")
    batch.refresh_from_db()
    assert (batch.state, batch.received) == ("cancelled", 1)
    assert batch.finished_at is not None


def test_through_the_api(project, member_client):
    admin = member_client(project, "admin")
    batch = of_photos(project)
    url = f"/api/v1/projects/{project.slug}/imports/{batch.pk}/cancel"
    for _ in range(2):
        answer = admin.post(url)
        assert (answer.status_code, answer.json()["state"], answer.json()["has_archive"]) == (200, "cancelled", True)
    assert member_client(project, "adjudicator").post(url).status_code == 403
    ImportBatch.objects.update(state="done")
    assert (admin.post(url).status_code, admin.post(url).json()["code"]) == (409, "import_over")


def test_what_was_done_can_still_be_downloaded(project, member_client, stopped_after):
    batch = of_photos(project)
    stopped_after(batch, 4)
    import_run_archive(import_batch_id=batch.pk)
    admin = member_client(project, "admin")
    answer = admin.get(f"/api/v1/projects/{project.slug}/imports/{batch.pk}/report.csv")
    assert "not_an_image" in b"".join(answer.streaming_content).decode()


def test_by_a_command_too(project, stopped_after):
    batch = import_start(project=project, name="Folder")
    source = imports.source_of_upload(zipped(("a.jpg", corpus.jpeg(80)), ("b.jpg", corpus.jpeg(81))), "auto")
    stopped_after(batch, 1)
    done = import_run(import_batch_id=batch.pk, source=StoppedAfter(source, batch, 1))
    assert (done.state, done.received) == ("cancelled", 1)
