"""Exports in the background: asked for twice, killed, cancelled, expired."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from labeling import tasks
from labeling.models import ExportJob
from labeling.selectors.exports import exports_unfinished
from labeling.services import export_progress, exports
from labeling.services.export_fencing import export_claim
from labeling.services.exports import ExportOrder, export_cancel, export_request, export_run, exports_expire
from labeling.storage_keys import export_key
from tests.factories.labeling import ProjectFactory
from tests.labeling.exports.worlds import orchard, received, settled

CSV = ExportOrder("csv")


@pytest.fixture
def quiet_reporter(monkeypatch):
    """The reporter's thread has a connection of its own, which sees nothing of a test's transaction."""
    monkeypatch.setattr(export_progress, "INTERVAL_SECONDS", 3600)


@pytest.fixture
def project(db, quiet_reporter):
    return orchard(3)


def requested(project, order=CSV) -> ExportJob:
    return export_request(project=project, order=order)[0]


def made(project, order=CSV) -> ExportJob:
    return export_run(export_id=requested(project, order).pk)


def stored(job: ExportJob) -> bytes:
    with default_storage.open(job.result) as opened:
        return opened.read()


class TestRun:
    def test_a_file_with_its_hash_and_card(self, project):
        job = made(project)
        data = stored(job)
        assert (job.state, job.total, job.done, job.error) == ("done", 3, 3, "")
        assert (job.size, job.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert job.content_sha256 in job.card
        assert data.count(b"\r\n") == 4
        assert job.expires_at - timezone.now() > timedelta(days=6)

    def test_the_content_hash_is_the_same_in_every_format(self, project):
        hashes = {made(project, ExportOrder(name)).content_sha256 for name in ("csv", "jsonl", "parquet", "coco")}
        assert len(hashes) == 1

    def test_photos_go_with_it(self, db, quiet_reporter):
        project = ProjectFactory()
        photo = received(project, 1)
        settled(photo, 2)
        job = made(project, ExportOrder("image_folder"))
        with zipfile.ZipFile(io.BytesIO(stored(job))) as opened:
            assert any(name.endswith(f"{photo.sha256}.webp") for name in opened.namelist())

    def test_lost_photos_are_counted(self, project):
        job = made(project, ExportOrder("csv", photos="view"))
        assert (job.state, job.n_missing, job.total) == ("done", 3, 0)

    def test_a_bug_fails_it_and_says_so(self, project, monkeypatch):
        monkeypatch.setattr(exports, "dataset_rows", lambda **_: 1 / 0)
        job = requested(project)
        with pytest.raises(ZeroDivisionError):
            export_run(export_id=job.pk)
        job.refresh_from_db()
        assert (job.state, bool(job.error), job.result) == ("failed", True, "")


class TestRepeats:
    def test_asking_twice_makes_one(self, project):
        first, is_new = export_request(project=project, order=CSV)
        second, is_new_again = export_request(project=project, order=CSV)
        assert (first.pk, is_new, is_new_again) == (second.pk, True, False)
        assert export_request(project=project, order=ExportOrder("csv", unit="annotation"))[1]

    def test_what_is_done_is_made_anew_when_asked_again(self, project):
        made(project)
        assert export_request(project=project, order=CSV)[1]

    def test_a_finished_export_is_not_run_again(self, project):
        job = made(project)
        assert export_run(export_id=job.pk).attempt == 1

    def test_an_export_at_work_is_left_to_its_worker(self, project):
        job = requested(project)
        ExportJob.objects.filter(pk=job.pk).update(state="running", heartbeat_at=timezone.now(), attempt=1)
        assert export_run(export_id=job.pk).state == "running"

    def test_machines_whose_clocks_differ_leave_each_other_alone(self, project, monkeypatch):
        """GIVEN an export at work, WHEN machines an hour ahead and behind look, THEN both see that it is."""
        job = requested(project)
        here = timezone.now
        for hours in (-1, 1):
            monkeypatch.setattr(timezone, "now", lambda hours=hours: here() + timedelta(hours=hours))
            ExportJob.objects.filter(pk=job.pk).update(state="pending", attempt=0)
            held = ExportJob.objects.get(pk=job.pk)
            assert export_claim(held, key_of=export_key)
            assert abs(held.heartbeat_at - here()) < timedelta(minutes=1)
            monkeypatch.setattr(timezone, "now", lambda hours=hours: here() - timedelta(hours=hours))
            assert not export_claim(ExportJob.objects.get(pk=job.pk), key_of=export_key)
            assert exports_unfinished() == []

    def test_a_heartbeat_of_before_a_clock_was_set_back_holds_nothing(self, project):
        job = requested(project)
        to_come = timezone.now() + timedelta(minutes=5)
        ExportJob.objects.filter(pk=job.pk).update(state="running", heartbeat_at=to_come, attempt=1)
        assert exports_unfinished() == [job.pk]
        assert export_run(export_id=job.pk).state == "done"

    def test_a_silent_one_is_taken_up_and_its_leavings_removed(self, project):
        job = requested(project)
        long_ago = timezone.now() - timedelta(minutes=5)
        ExportJob.objects.filter(pk=job.pk).update(state="running", heartbeat_at=long_ago, attempt=1)
        default_storage.save(export_key(job.pk, 1), io.BytesIO(b"left by the killed worker"))
        job = export_run(export_id=job.pk)
        assert (job.state, job.attempt, job.result) == ("done", 2, export_key(job.pk, 2))
        assert not default_storage.exists(export_key(job.pk, 1))

    def test_it_is_given_up_after_three(self, project):
        job = requested(project)
        long_ago = timezone.now() - timedelta(minutes=5)
        ExportJob.objects.filter(pk=job.pk).update(state="running", heartbeat_at=long_ago, attempt=3)
        assert export_run(export_id=job.pk).state == "failed"

    def test_a_worker_that_comes_back_changes_nothing(self, project, monkeypatch):
        """GIVEN a worker stuck while storing, WHEN another has finished meanwhile, THEN the first leaves no trace."""
        job = requested(project)
        keep = exports._keep

        def slow_keep(held, file):
            key = keep(held, file)
            ExportJob.objects.filter(pk=job.pk).update(attempt=2)
            return key

        monkeypatch.setattr(exports, "_keep", slow_keep)
        job = export_run(export_id=job.pk)
        assert (job.state, job.attempt, job.result) == ("running", 2, "")
        assert not default_storage.exists(export_key(job.pk, 1))

    def test_unstarted_and_silent_ones_are_found_and_enqueued(self, project, monkeypatch):
        job, fresh = requested(project), requested(project, ExportOrder("jsonl"))
        ExportJob.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=5))
        assert exports_unfinished() == [job.pk]
        sent = []
        monkeypatch.setattr(tasks.run_export, "apply_async", lambda *, args, **_: sent.extend(args))
        tasks.reconcile_exports()
        assert sent == [job.pk] != [fresh.pk]


class TestEnd:
    def test_cancelled_before_it_starts(self, project):
        job = requested(project)
        export_cancel(job=job)
        assert export_run(export_id=job.pk).state == "cancelled"

    def test_cancelling_one_that_is_done_deletes_its_file(self, project):
        job = made(project)
        key = job.result
        export_cancel(job=job)
        export_cancel(job=job)
        job.refresh_from_db()
        assert (job.state, job.result) == ("expired", "")
        assert not default_storage.exists(key)

    def test_files_are_deleted_after_a_week(self, project):
        old, new = made(project), made(project)
        ExportJob.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        assert exports_expire() == 1
        assert not default_storage.exists(old.result)
        assert default_storage.exists(new.result)

    def test_a_gone_one_ends_the_task(self, db):
        tasks.run_export(0)


@pytest.mark.django_db(transaction=True)
def test_a_running_export_hears_of_its_cancellation(monkeypatch):
    monkeypatch.setattr(export_progress, "INTERVAL_SECONDS", 0.01)
    project = orchard(2)
    job = requested(project)

    def rows_until_cancelled(**_):
        row = next(original(project=project, unit="consensus"))
        yield row
        export_cancel(job=ExportJob.objects.get(pk=job.pk))
        while True:
            yield row

    original = exports.dataset_rows
    monkeypatch.setattr(exports, "dataset_rows", rows_until_cancelled)
    job = export_run(export_id=job.pk)
    assert (job.state, job.result) == ("cancelled", "")
    assert not default_storage.exists(export_key(job.pk, 1))


class TestCommand:
    def test_a_file_and_its_card(self, project, tmp_path, capsys):
        out = tmp_path / "labels.csv"
        call_command("export_ground_truth", project.slug, "--format", "csv", "--out", str(out), "--licence", "CC0")
        digest = hashlib.sha256(out.read_bytes()).hexdigest()
        assert digest in capsys.readouterr().out
        assert "Licence: CC0" in (tmp_path / "labels.csv.README.md").read_text()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv", "labels.csv.README.md"]

    def test_the_command_and_the_worker_write_the_same(self, project, tmp_path):
        out = tmp_path / "labels.jsonl"
        call_command("export_ground_truth", project.slug, "--format", "jsonl", "--out", str(out))
        assert out.read_bytes() == stored(made(project, ExportOrder("jsonl")))

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [(["none", "--format", "csv"], "no project"), (["{slug}", "--format", "npn", "--photos", "view"], "photos")],
    )
    def test_mistakes_are_explained(self, project, tmp_path, arguments, said):
        out = ["--out", str(tmp_path / "x")]
        with pytest.raises(CommandError, match=said):
            call_command("export_ground_truth", *[a.format(slug=project.slug) for a in arguments], *out)
