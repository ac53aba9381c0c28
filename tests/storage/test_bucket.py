"""The way of a photo through a bucket: received, processed, served, exported, deleted. The server is a real process."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

from config.env import Environment, read_environment
from config.settings.storage import storages as storage_settings
from labeling.models import Photo
from labeling.services import export_progress
from labeling.services.exports import ExportOrder, export_cancel, export_request, export_run
from labeling.services.imports import import_run_archive, import_start
from labeling.services.known_labels import known_label_state
from labeling.services.photo_bytes import photo_bytes_erase
from labeling.services.photos import photo_process, photo_receive
from labeling.services.stored_bytes import bytes_keep, bytes_range, bytes_read
from labeling.storage_keys import original_key, rendition_key
from tests.factories.labeling import ProjectFactory, stage_at
from tests.labeling.imaging import corpus
from tests.labeling.imports.test_sources import zipped
from tests.support.s3_server import CREDENTIALS, s3_server

BUCKET = "photos"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as url:
        yield url


@pytest.fixture
def client(server, monkeypatch):
    """The bucket, seen past the product."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return boto3.client("s3", endpoint_url=server, region_name="us-east-1")


@pytest.fixture
def bucket(server, client, monkeypatch, settings) -> Iterator[str]:
    """The product on an empty bucket, by the settings that the environment gives."""
    client.create_bucket(Bucket=BUCKET)
    monkeypatch.setenv("S3_BUCKET", BUCKET)
    monkeypatch.setenv("S3_ENDPOINT_URL", server)
    monkeypatch.setenv("S3_REGION", "us-east-1")
    environment: Environment = read_environment()
    settings.STORAGES = {**settings.STORAGES, "default": storage_settings(environment)["default"]}
    yield BUCKET
    for key in keys(client):
        client.delete_object(Bucket=BUCKET, Key=key)
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture(autouse=True)
def _quiet_reporter(monkeypatch):
    monkeypatch.setattr(export_progress, "INTERVAL_SECONDS", 3600)


def keys(client) -> set[str]:
    return {entry["Key"] for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])}


def test_settings_alone_choose_the_bucket(bucket):
    assert type(storages["default"]).__name__ == "BucketStorage"


class TestObjects:
    def test_written_read_and_replaced(self, bucket, client):
        bytes_keep(key="a/b", data=b"one")
        bytes_keep(key="a/b", data=b"one")
        assert bytes_read(key="a/b") == b"one"
        bytes_keep(key="a/b", data=b"another length")
        assert bytes_read(key="a/b") == b"another length"
        assert keys(client) == {"a/b"}

    def test_a_missing_one_is_not_found(self, bucket):
        with pytest.raises(FileNotFoundError):
            bytes_read(key="none")
        with pytest.raises(FileNotFoundError):
            bytes_range(key="none", start=0, stop=5)

    @pytest.mark.parametrize(("start", "stop"), [(0, 10), (3, 4), (9, 10), (5, 5)])
    def test_a_range(self, bucket, start, stop):
        default_storage.save("digits", ContentFile(b"0123456789"))
        assert b"".join(bytes_range(key="digits", start=start, stop=stop)) == b"0123456789"[start:stop]

    def test_a_range_does_not_read_the_whole(self, bucket, monkeypatch):
        from storages.backends.s3 import S3File

        default_storage.save("large", ContentFile(bytes(2**20)))
        monkeypatch.setattr(S3File, "_get_file", lambda self: 1 / 0)
        assert len(b"".join(bytes_range(key="large", start=5, stop=25))) == 20

    def test_what_is_opened_does_not_stay_in_memory(self, bucket):
        """An archive of gigabytes is copied to a file, not into the worker."""
        default_storage.save("archive", ContentFile(bytes(9 * 2**20)))
        with default_storage.open("archive") as opened:
            opened.read(1)
            assert opened._file._rolled


@pytest.mark.django_db
class TestPhoto:
    def test_from_receipt_to_deletion(self, bucket, client, member_client):
        project, data = ProjectFactory(), corpus.jpeg(77)
        sha256 = hashlib.sha256(data).hexdigest()
        photo = photo_receive(project=project, stream=io.BytesIO(data), original_name="a.jpg").photo
        assert keys(client) == {original_key(sha256)}
        assert photo_process(photo_id=photo.pk).status == "ready"
        made = {original_key(sha256), *(rendition_key(sha256, name) for name in ("thumb", "view", "model"))}
        assert keys(client) == made

        viewer = member_client(project, "adjudicator")
        answer = viewer.get(f"/api/v1/projects/{project.slug}/photos/{photo.pk}/renditions/view")
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
        assert answer.getvalue() == bytes_read(key=rendition_key(sha256, "view"))

        known_label_state(photo_id=photo.pk, stage=stage_at(project, 2), label_use="gold")
        job = export_request(project=project, order=ExportOrder("image_folder", photos="original"))[0]
        job = export_run(export_id=job.pk)
        assert (job.state, job.total, job.n_missing) == ("done", 1, 0)
        path = f"/api/v1/projects/{project.slug}/exports/{job.pk}/download"
        middle = job.size // 2
        first = b"".join(viewer.get(path, HTTP_RANGE=f"bytes=0-{middle - 1}").streaming_content)
        rest = b"".join(viewer.get(path, HTTP_RANGE=f"bytes={middle}-").streaming_content)
        assert hashlib.sha256(first + rest).hexdigest() == job.sha256
        with zipfile.ZipFile(io.BytesIO(first + rest)) as opened:
            assert any(sha256 in name for name in opened.namelist())

        export_cancel(job=job)
        assert keys(client) == made
        Photo.objects.filter(pk=photo.pk).update(project=project)
        type(photo.known_label).objects.filter(photo=photo).delete()
        Photo.objects.filter(pk=photo.pk).delete()
        assert photo_bytes_erase(sha256=sha256)
        assert keys(client) == set()

    def test_an_archive_is_kept_while_it_is_wanted(self, bucket, client):
        project = ProjectFactory()
        batch = import_start(project=project, name="A", archive=zipped(("a.jpg", corpus.jpeg(78))))
        assert batch.archive in keys(client)
        assert import_run_archive(import_batch_id=batch.pk).received == 1
        assert keys(client) == {original_key(Photo.objects.get().sha256)}

    def test_a_photo_whose_original_is_lost_stays_received(self, bucket):
        photo = photo_receive(project=ProjectFactory(), stream=io.BytesIO(corpus.jpeg(79))).photo
        default_storage.delete(original_key(photo.sha256))
        with pytest.raises(FileNotFoundError):
            photo_process(photo_id=photo.pk)
        photo.refresh_from_db()
        assert photo.status == "received"
