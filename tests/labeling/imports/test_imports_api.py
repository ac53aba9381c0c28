"""Imports as an admin's browser meets them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from labeling.models import ImportBatch, Photo
from labeling.services.imports import import_run_archive
from tests.factories.labeling import ImportBatchFactory, PhotoFactory, ProjectFactory, stage_at
from tests.labeling.imaging import corpus
from tests.labeling.imports.test_sources import zipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def admin(project, member_client):
    return member_client(project, "admin")


def url(project, path=""):
    return f"/api/v1/projects/{project.slug}/imports{path}"


def start(client, project, **fields):
    return client.post(url(project), {"name": "Season", **fields}, format="multipart")


def archive(*entries):
    return SimpleUploadedFile("photos.zip", zipped(*entries).read(), "application/zip")


def test_an_archive_is_imported_in_the_background(project, admin, django_capture_on_commit_callbacks):
    slug = stage_at(project, 1).slug
    sent = archive((f"{slug}/a.jpg", corpus.jpeg(1)), (f"{slug}/b.jpg", corpus.HTML))
    with django_capture_on_commit_callbacks() as announced:
        answer = start(admin, project, archive=sent, label_use="gold")
    assert (answer.status_code, answer.json()["state"], len(announced)) == (201, "pending", 1)
    import_run_archive(import_batch_id=answer.json()["id"])
    row = admin.get(url(project, f"/{answer.json()['id']}")).json()
    assert (row["state"], row["total"], row["received"], row["refused"], row["processed"]) == ("done", 2, 1, 1, 0)
    assert row["report"][0]["code"] == "not_an_image"
    assert Photo.objects.get().uploaded_by == admin.user


def test_without_an_archive_the_batch_is_open(project, admin):
    answer = start(admin, project, label_use="prior", label_source="Thesis").json()
    assert (answer["state"], answer["label_source"], answer["finished_at"]) == ("running", "Thesis", None)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"label_use": "prior"}, 422, "source_missing"),
        ({"label_use": "certain"}, 400, "invalid"),
        ({"name": ""}, 400, "invalid"),
    ],
)
def test_what_is_missing_is_said(project, admin, fields, status, code):
    answer = start(admin, project, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_file_that_is_no_archive(project, admin):
    answer = start(admin, project, archive=SimpleUploadedFile("photos.zip", corpus.jpeg(1)))
    assert (answer.status_code, answer.json()["code"]) == (422, "zip_damaged")
    assert not ImportBatch.objects.exists()


def test_only_admins_and_only_their_own(project, admin, member_client):
    foreign = ImportBatchFactory()
    assert member_client(project, "adjudicator").get(url(project)).status_code == 403
    assert admin.get(url(project, f"/{foreign.pk}")).status_code == 404
    assert admin.get(url(project)).json() == []


def test_queries_do_not_grow_with_the_list(project, admin, django_assert_num_queries):
    for n in (1, 6):
        for batch in ImportBatchFactory.create_batch(n, project=project):
            PhotoFactory.create_batch(2, project=project, import_batch=batch)
        with django_assert_num_queries(5):  # session, user, membership with project, imports, their refusals
            rows = admin.get(url(project)).json()
        assert {row["processed"] for row in rows} == {2}
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
