"""Large archives in chunks: broken off, taken up again, imported."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.models import ArchiveUpload, ImportBatch, Photo
from labeling.services import archive_uploads
from labeling.services.archive_uploads import KEPT_FOR, MOST_AT_ONCE, upload_opened, uploads_expire
from labeling.services.imports import import_run_archive
from labeling.storage_keys import upload_key
from tests.factories.labeling import MembershipFactory, ProjectFactory
from tests.labeling.imaging import corpus
from tests.labeling.imports.test_sources import zipped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(archive_uploads, "CHUNK_BYTES", 1000)


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def admin(project, member_client):
    return member_client(project, "admin")


def url(project, path=""):
    return f"/api/v1/projects/{project.slug}/uploads{path}"


def opened(client, project, data, name="season.zip"):
    return client.post(
        url(project),
        {"name": name, "size": len(data), "fingerprint": hashlib.sha256(data).hexdigest()},
        format="json",
    )


def chunk_sent(client, project, upload_id, data, index):
    piece = data[index * 1000 : (index + 1) * 1000]
    return client.put(
        url(project, f"/{upload_id}/chunks/{index}"), {"chunk": ContentFile(piece, "chunk")}, format="multipart"
    )


def imported(client, project, upload_id, **fields):
    return client.post(
        f"/api/v1/projects/{project.slug}/imports",
        {"name": "Season", "upload": upload_id, **fields},
        format="multipart",
    )


def archive():
    return zipped(("a.jpg", corpus.jpeg(1)), ("b.jpg", corpus.jpeg(2))).read()


def chunks_of(upload_id):
    folder = f"uploads/{upload_id}"
    return default_storage.listdir(folder)[1] if default_storage.exists(folder) else []


def test_a_file_that_broke_off_goes_on_and_is_imported(project, admin):
    data = archive()
    first = opened(admin, project, data)
    assert (first.status_code, first.json()["n_chunks"], first.json()["chunk_bytes"]) == (201, 0, 1000)
    for index in range(3):
        assert chunk_sent(admin, project, first.json()["id"], data, index).status_code == 200
    again = opened(admin, project, data)  # the page was reloaded, the same file chosen
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert (again.json()["n_chunks"], again.json()["received"], again.json()["is_whole"]) == (3, 3000, False)
    assert imported(admin, project, again.json()["id"]).json()["code"] == "upload_unfinished"
    for index in range(3, -(-len(data) // 1000)):
        last = chunk_sent(admin, project, first.json()["id"], data, index).json()
    assert (last["is_whole"], last["received"]) == (True, len(data))
    batch = imported(admin, project, last["id"])
    assert batch.status_code == 201
    import_run_archive(import_batch_id=batch.json()["id"])
    assert set(Photo.objects.values_list("sha256", flat=True)) == {
        hashlib.sha256(corpus.jpeg(seed)).hexdigest() for seed in (1, 2)
    }
    assert admin.get(url(project)).json() == []
    assert chunks_of(last["id"]) == [], "the chunks have had their use"


def test_a_chunk_sent_again_is_counted_once(project, admin):
    data = archive()
    upload_id = opened(admin, project, data).json()["id"]
    for _ in range(3):
        assert chunk_sent(admin, project, upload_id, data, 0).json()["n_chunks"] == 1
    assert admin.get(url(project, f"/{upload_id}")).json()["received"] == 1000


@pytest.mark.parametrize(
    ("index", "piece", "status", "code"),
    [
        (1, b"x" * 1000, 409, "chunk_early"),
        (0, b"x" * 999, 422, "chunk_length"),
        (0, b"x" * 1001, 422, "chunk_length"),
    ],
)
def test_a_chunk_that_does_not_fit_is_refused_and_not_counted(project, admin, index, piece, status, code):
    upload_id = opened(admin, project, b"y" * 2500).json()["id"]
    answer = admin.put(
        url(project, f"/{upload_id}/chunks/{index}"), {"chunk": ContentFile(piece, "chunk")}, format="multipart"
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert admin.get(url(project, f"/{upload_id}")).json()["n_chunks"] == 0
    assert chunks_of(upload_id) == []


def test_more_than_the_file_has_is_refused(project, admin):
    upload_id = opened(admin, project, b"y" * 500).json()["id"]
    chunk_sent(admin, project, upload_id, b"y" * 500, 0)
    answer = admin.put(url(project, f"/{upload_id}/chunks/1"), {"chunk": ContentFile(b"z", "c")}, format="multipart")
    assert answer.json()["code"] == "chunk_early"


def test_what_cannot_be_an_archive_is_said_before_it_is_sent(project, admin):
    answer = admin.post(url(project), {"name": "a.zip", "size": 2**40, "fingerprint": "0" * 64}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_large")
    for body in ({"size": 0}, {"fingerprint": "x"}, {"name": ""}):
        sent = {"name": "a.zip", "size": 5, "fingerprint": "0" * 64, **body}
        assert admin.post(url(project), sent, format="json").status_code == 400
    assert not ArchiveUpload.objects.exists()


def test_a_file_that_is_no_archive_is_not_imported(project, admin):
    data = corpus.jpeg(3)
    upload_id = opened(admin, project, data).json()["id"]
    for index in range(-(-len(data) // 1000)):
        chunk_sent(admin, project, upload_id, data, index)
    answer = imported(admin, project, upload_id)
    assert (answer.status_code, answer.json()["code"]) == (422, "zip_damaged")
    assert not ImportBatch.objects.exists()


def test_a_file_shorter_than_a_zip_can_be_is_said_to_be_unusable(project, admin):
    """A reader of ZIPs looks for their end before the beginning of such a file."""
    data = b'{"images": [{"id": 1'
    upload_id = opened(admin, project, data, name="coco.json").json()["id"]
    chunk_sent(admin, project, upload_id, data, 0)
    answer = imported(admin, project, upload_id, format="coco")
    assert answer.status_code < 500
    assert not Photo.objects.filter(project=project).exists()


def test_another_admin_does_not_go_on_with_it(project, admin, signed_in):
    data = archive()
    upload_id = opened(admin, project, data).json()["id"]
    other = signed_in(MembershipFactory(project=project, role="admin").user)
    assert other.get(url(project)).json() == []
    assert other.get(url(project, f"/{upload_id}")).status_code == 404
    assert chunk_sent(other, project, upload_id, data, 0).status_code == 404
    assert other.delete(url(project, f"/{upload_id}")).status_code == 404
    assert imported(other, project, upload_id).status_code == 404
    assert opened(other, project, data).json()["id"] != upload_id


def test_discarded_and_forgotten_files_leave_nothing(project, admin):
    kept, discarded, forgotten = (b"%d" % n * 1500 for n in range(3))
    ids = [opened(admin, project, data).json()["id"] for data in (kept, discarded, forgotten)]
    for upload_id, data in zip(ids, (kept, discarded, forgotten), strict=True):
        chunk_sent(admin, project, upload_id, data, 0)
    default_storage.save(upload_key(ids[1], 1), ContentFile(b"stored, and the sender died before it was counted"))
    assert admin.delete(url(project, f"/{ids[1]}")).status_code == 204
    ArchiveUpload.objects.filter(pk=ids[2]).update(touched_at=timezone.now() - KEPT_FOR - timedelta(minutes=1))
    assert uploads_expire() == 1
    assert [row["id"] for row in admin.get(url(project)).json()] == [ids[0]]
    assert [chunks_of(upload_id) for upload_id in ids] == [["0"], [], []]


def test_nobody_fills_the_disk_with_beginnings(project, admin):
    codes = [opened(admin, project, b"%d" % n * 9).status_code for n in range(MOST_AT_ONCE + 1)]
    assert codes == [201] * MOST_AT_ONCE + [409]


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_chunks_read_like_the_file(data):
    size, chunk_bytes = data.draw(st.integers(1, 400)), data.draw(st.integers(1, 120))
    whole = bytes(n % 251 for n in range(size))
    upload = ArchiveUpload(pk=7, size=size, chunk_bytes=chunk_bytes, n_chunks=-(-size // chunk_bytes))
    for index in range(upload.n_chunks):
        default_storage.save(upload_key(7, index), ContentFile(whole[index * chunk_bytes : (index + 1) * chunk_bytes]))
    with upload_opened(upload) as opened_file:
        for _ in range(5):
            start, count = data.draw(st.integers(0, size + 9)), data.draw(st.integers(0, size + 9))
            assert opened_file.seek(start) == start
            assert opened_file.read(count) == whole[start : start + count]
        assert opened_file.seek(0, 2) == size
        opened_file.seek(0)
        assert opened_file.read() == whole
