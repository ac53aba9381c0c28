"""Exports as an adjudicator's browser meets them: roles, downloads that resume, tables streamed."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.api.downloads import RangeUnsatisfiable, range_asked
from labeling.models import ExportJob
from labeling.services import export_progress
from labeling.services.exports import ExportOrder, export_cancel, export_request, export_run
from tests.factories.labeling import ProjectFactory
from tests.labeling.exports.worlds import orchard

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet_reporter(monkeypatch):
    monkeypatch.setattr(export_progress, "INTERVAL_SECONDS", 3600)


@pytest.fixture
def project():
    return orchard(5)


@pytest.fixture
def adjudicator(project, member_client):
    return member_client(project, "adjudicator")


def url(project, path=""):
    return f"/api/v1/projects/{project.slug}/exports{path}"


def made(project, name="csv") -> ExportJob:
    return export_run(export_id=export_request(project=project, order=ExportOrder(name))[0].pk)


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_formats_are_listed_with_what_they_may_hold(project, adjudicator):
    found = {it["name"]: it for it in adjudicator.get(url(project, "/formats")).json()}
    assert len(found) == 8
    assert [name for name, it in found.items() if it["is_streamed"]] == ["csv", "jsonl"]
    for name, it in found.items():
        for unit in it["units"]:
            for photos in it["photos"]:
                wanted = {"format": name, "unit": unit, "photos": photos}
                assert adjudicator.post(url(project), wanted, format="json").status_code == 201, wanted
        default = adjudicator.post(url(project), {"format": name, "unit": it["units"][0]}, format="json").json()
        assert default["photos"] == it["photos"][0]


class TestJobs:
    def test_asked_for_and_watched(self, project, adjudicator, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as announced:
            answer = adjudicator.post(url(project), {"format": "coco", "licence": "CC0"}, format="json")
        job = answer.json()
        assert (answer.status_code, job["state"], job["photos"], len(announced)) == (201, "pending", "none", 1)
        assert adjudicator.post(url(project), {"format": "coco", "licence": "CC0"}, format="json").status_code == 200
        export_run(export_id=job["id"])
        job = adjudicator.get(url(project, f"/{job['id']}")).json()
        assert (job["state"], job["done"], job["size"] > 0) == ("done", 5, True)
        assert "## Contents" in job["card"]
        (row,) = adjudicator.get(url(project)).json()["results"]
        assert row["id"] == job["id"]
        assert "card" not in row

    @pytest.mark.parametrize(
        ("fields", "status", "code"),
        [
            ({"format": "xls"}, 400, "invalid"),
            ({"format": "csv", "unit": "day"}, 400, "invalid"),
            ({"format": "npn", "photos": "view"}, 422, "photos_unsupported"),
            ({"format": "image_folder", "unit": "annotation"}, 422, "unit_unsupported"),
        ],
    )
    def test_what_cannot_be_had_is_said(self, project, adjudicator, fields, status, code):
        answer = adjudicator.post(url(project), fields, format="json")
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_cancelled(self, project, adjudicator):
        job = export_request(project=project, order=ExportOrder("csv"))[0]
        assert adjudicator.delete(url(project, f"/{job.pk}")).status_code == 204
        assert adjudicator.get(url(project, f"/{job.pk}")).json()["state"] == "cancelled"

    def test_those_of_other_projects_are_not_there(self, project, adjudicator):
        foreign = made(orchard(1))
        for path in (f"/{foreign.pk}", f"/{foreign.pk}/download"):
            assert adjudicator.get(url(project, path)).status_code == 404
        assert adjudicator.delete(url(project, f"/{foreign.pk}")).status_code == 404
        foreign.refresh_from_db()
        assert foreign.state == "done"

    def test_queries_do_not_grow_with_the_list(self, project, adjudicator, django_assert_num_queries):
        for n in (1, 6):
            for _ in range(n):
                made(project)
            with django_assert_num_queries(4):  # session, user, membership with project, exports
                adjudicator.get(url(project))


class TestDownload:
    def test_the_whole(self, project, adjudicator):
        job = made(project)
        answer = adjudicator.get(url(project, f"/{job.pk}/download"))
        data = body(answer)
        assert (answer.status_code, len(data)) == (200, job.size)
        assert answer["Content-Disposition"] == f'attachment; filename="{project.slug}-csv-consensus-{job.pk}.csv"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert (answer["Accept-Ranges"], answer["ETag"]) == ("bytes", f'"{job.sha256}"')

    def test_broken_off_and_resumed(self, project, adjudicator):
        """Parts of any size, put together, are the file."""
        job = made(project)
        path = url(project, f"/{job.pk}/download")
        whole, parts = body(adjudicator.get(path)), []
        while (at := sum(map(len, parts))) < job.size:
            answer = adjudicator.get(path, HTTP_RANGE=f"bytes={at}-{at + 99}", HTTP_IF_RANGE=f'"{job.sha256}"')
            parts.append(body(answer))
            assert answer.status_code == 206
            assert answer["Content-Range"] == f"bytes {at}-{at + len(parts[-1]) - 1}/{job.size}"
            assert int(answer["Content-Length"]) == len(parts[-1])
        assert b"".join(parts) == whole

    def test_parts_of_another_file_are_never_joined(self, project, adjudicator):
        job = made(project)
        answer = adjudicator.get(
            url(project, f"/{job.pk}/download"), HTTP_RANGE="bytes=10-19", HTTP_IF_RANGE='"another"'
        )
        assert (answer.status_code, len(body(answer))) == (200, job.size)

    def test_a_range_behind_the_end(self, project, adjudicator):
        job = made(project)
        answer = adjudicator.get(url(project, f"/{job.pk}/download"), HTTP_RANGE=f"bytes={job.size}-")
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{job.size}")

    def test_what_has_no_file(self, project, adjudicator):
        waiting = export_request(project=project, order=ExportOrder("jsonl"))[0]
        expired = made(project)
        export_cancel(job=expired)
        for job, status, code in ((waiting, 409, "export_not_ready"), (expired, 404, "export_expired")):
            answer = adjudicator.get(url(project, f"/{job.pk}/download"))
            assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_a_file_that_storage_lost(self, project, adjudicator):
        from django.core.files.storage import default_storage

        job = made(project)
        default_storage.delete(job.result)
        answer = adjudicator.get(url(project, f"/{job.pk}/download"))
        assert (answer.status_code, answer.json()["code"]) == (404, "export_expired")


class TestStream:
    def test_a_table_at_once(self, project, adjudicator):
        answer = adjudicator.get(url(project, "/stream"))
        rows = list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"), newline="")))
        assert [row["stage_position"] for row in rows] == ["0", "1", "2", "3", "4"]
        assert {row["site"] for row in rows} == {"'=Huerto"}
        assert answer["Content-Disposition"] == f'attachment; filename="{project.slug}-consensus.csv"'

    def test_json_lines_of_annotations(self, project, adjudicator):
        answer = adjudicator.get(url(project, "/stream"), {"table": "jsonl", "unit": "annotation"})
        assert body(answer).count(b"\n") == 5

    def test_only_tables(self, project, adjudicator):
        assert adjudicator.get(url(project, "/stream"), {"table": "tfrecord"}).status_code == 400

    def test_an_empty_project(self, adjudicator, member_client):
        empty = ProjectFactory()
        answer = member_client(empty, "admin").get(url(empty, "/stream"))
        assert body(answer).count(b"\r\n") == 1


@given(st.text(alphabet="bytes=-,0123456789 ", max_size=30), st.integers(0, 10_000))
def test_any_range_is_within_the_file_or_refused(header, size):
    try:
        part = range_asked(header, size)
    except RangeUnsatisfiable:
        return
    if part is not None:
        start, stop = part
        assert 0 <= start < stop <= size


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", None), ("bytes=0-", (0, 100)), ("bytes=10-19", (10, 20)), ("bytes=90-200", (90, 100)),
        ("bytes=-10", (90, 100)), ("bytes=-500", (0, 100)), ("bytes=9-5", None), ("bytes=0-1,5-6", None),
        ("lines=0-1", None), ("bytes=-", None),
    ],
)  # fmt: skip
def test_ranges(header, part):
    assert range_asked(header, 100) == part
