"""Imports as an admin's browser meets them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

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


def test_a_dry_run_and_the_import_after_it(project, admin):
    sent = archive(("a.jpg", corpus.jpeg(1)), ("b.jpg", corpus.HTML))
    rehearsed = start(admin, project, archive=sent, dry_run="true").json()
    import_run_archive(import_batch_id=rehearsed["id"])
    row = admin.get(url(project, f"/{rehearsed['id']}")).json()
    assert (row["is_dry_run"], row["has_archive"], row["received"], row["refused"]) == (True, True, 1, 1)
    assert not Photo.objects.exists()
    again = start(admin, project, rehearsal=rehearsed["id"]).json()
    import_run_archive(import_batch_id=again["id"])
    assert Photo.objects.count() == 1


def test_the_report_in_pages_and_as_a_file(project, admin, monkeypatch):
    from labeling.api.imports.views import ReportPages

    monkeypatch.setattr(ReportPages, "page_size", 2)
    sent = archive(*[(f"=cmd{i}.jpg", corpus.HTML) for i in range(5)])
    batch = start(admin, project, archive=sent).json()
    import_run_archive(import_batch_id=batch["id"])
    rows, cursor = [], ""
    while cursor is not None:
        page = admin.get(url(project, f"/{batch['id']}/report"), {"cursor": cursor}).json()
        rows, cursor = [*rows, *page["results"]], page["next"]
    assert [(row["row"], row["code"]) for row in rows] == [(n, "not_an_image") for n in range(1, 6)]
    answer = admin.get(url(project, f"/{batch['id']}/report.csv"))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[:2] == ["row,name,code,message", "1,'=cmd0.jpg,not_an_image,This file is not a photo."]
    assert len(lines) == 6
    assert admin.get(url(project, f"/{batch['id']}")).json()["reasons"] == [{"code": "not_an_image", "count": 5}]


def test_a_failed_import_is_tried_again_without_sending_its_archive_again(project, admin):
    batch = start(admin, project, archive=archive(("a.jpg", corpus.jpeg(1)))).json()
    ImportBatch.objects.filter(pk=batch["id"]).update(state="failed", error="away", finished_at=timezone.now())
    again = start(admin, project, rehearsal=batch["id"]).json()
    import_run_archive(import_batch_id=again["id"])
    assert Photo.objects.count() == 1


def test_reports_and_archives_of_other_projects_are_not_there(project, admin):
    foreign = ImportBatchFactory(is_dry_run=True, archive="archives/x")
    for path in (f"/{foreign.pk}/report", f"/{foreign.pk}/report.csv"):
        assert admin.get(url(project, path)).status_code == 404
    assert start(admin, project, rehearsal=foreign.pk).status_code == 404
