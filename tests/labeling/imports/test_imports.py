"""Imports end to end below the API: counts, labels, repeats, interruptions."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from labeling import tasks
from labeling.domain.errors import DomainError
from labeling.models import Annotation, Consensus, ImportBatch, KnownLabel, Photo, Plant
from labeling.selectors.imports import import_get, import_report, imports_unfinished
from labeling.services import imports
from labeling.services.import_archives import archives_expire
from labeling.services.import_formats.detection import source_of
from labeling.services.import_rows import Rows
from labeling.services.imports import browser_batches_close, import_run, import_run_archive, import_start
from labeling.services.photos import photo_process
from labeling.storage_keys import original_key
from tests.factories.labeling import ImportBatchFactory, ProjectFactory, stage_at
from tests.labeling.imaging import corpus
from tests.labeling.imports.test_sources import zipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


def started(project, **fields):
    return import_start(project=project, name="Season 2025", **fields)


def folder_of(tmp_path, project, *names):
    """A folder with a photo per name; "1/a.jpg" lies in the folder of the stage at position 1."""
    for seed, name in enumerate(names):
        folder, file = name.split("/")
        label = stage_at(project, int(folder)).slug if folder.isdigit() else folder
        (tmp_path / label).mkdir(exist_ok=True)
        (tmp_path / label / file).write_bytes(corpus.jpeg(seed))
    return tmp_path


def run(project, path, **fields):
    return import_run(import_batch_id=started(project, **fields).pk, source=source_of(path))


def reported(batch):
    return list(import_report(batch=batch))


def counts(batch):
    return batch.total, batch.received, batch.duplicates, batch.refused


class TestLabels:
    def test_gold(self, project, tmp_path):
        batch = run(project, folder_of(tmp_path, project, "1/a.jpg", "2/b.jpg"), label_use="gold")
        assert (batch.state, counts(batch), reported(batch)) == ("done", (2, 2, 0, 0), [])
        for photo_id in Photo.objects.values_list("pk", flat=True):
            photo_process(photo_id=photo_id)
        positions = (
            Consensus.objects.filter(is_gold=True).order_by("photo_id").values_list("stage__position", flat=True)
        )
        assert sorted(positions) == [1, 2]

    def test_prior(self, project, tmp_path):
        run(project, folder_of(tmp_path, project, "1/a.jpg"), label_use="prior", label_source="Thesis 2024")
        annotation = Annotation.objects.get()
        assert (annotation.source, annotation.mode, annotation.annotator) == ("Thesis 2024", "import", None)

    def test_prior_names_its_source(self, project):
        with pytest.raises(DomainError) as refused:
            started(project, label_use="prior")
        assert refused.value.code == "source_missing"

    def test_hidden_labels_settle_nothing(self, project, tmp_path):
        run(project, folder_of(tmp_path, project, "1/a.jpg"), label_use="hidden")
        photo_process(photo_id=Photo.objects.get().pk)
        assert KnownLabel.objects.get().kind == "hidden"
        assert not Consensus.objects.exists()

    def test_without_labels_folders_mean_nothing(self, project, tmp_path):
        assert counts(run(project, folder_of(tmp_path, project, "whatever/a.jpg"))) == (1, 1, 0, 0)

    def test_a_label_the_scale_has_not_is_reported_and_nothing_is_kept(self, project, tmp_path):
        batch = run(project, folder_of(tmp_path, project, "whatever/a.jpg", "1/b.jpg"), label_use="gold")
        assert counts(batch) == (2, 1, 0, 1)
        assert [(row.code, row.name) for row in reported(batch)] == [("unknown_label", "whatever/a.jpg")]
        assert Photo.objects.count() == 1

    def test_stages_are_known_by_any_of_their_names(self, project, tmp_path):
        stage = stage_at(project, 1)
        lines = [f"a.jpg,{stage.name_es.upper()}", f"b.jpg,{stage.name_en}", f"c.jpg,{stage.slug}"]
        for seed, name in enumerate("abc"):
            (tmp_path / f"{name}.jpg").write_bytes(corpus.jpeg(seed))
        (tmp_path / "labels.csv").write_text("path,label\n" + "\n".join(lines))
        assert counts(run(project, tmp_path, label_use="hidden")) == (3, 3, 0, 0)
        assert set(KnownLabel.objects.values_list("stage", flat=True)) == {stage.pk}

    def test_a_contradiction_is_reported_and_the_first_label_stays(self, project, tmp_path):
        (tmp_path / "one").mkdir()
        (tmp_path / "two").mkdir()
        run(project, folder_of(tmp_path / "one", project, "1/a.jpg"), label_use="gold")
        batch = run(project, folder_of(tmp_path / "two", project, "2/a.jpg"), label_use="gold")
        assert [row.code for row in reported(batch)] == ["label_conflict"]
        assert KnownLabel.objects.get().stage.position == 1


class TestRows:
    def test_plant_site_and_time_of_a_table(self, project, tmp_path):
        (tmp_path / "a.jpg").write_bytes(corpus.jpeg(1))
        (tmp_path / "b.jpg").write_bytes(corpus.jpeg(2))
        (tmp_path / "labels.csv").write_text(
            "path,plant,site,taken_at\na.jpg,P1,Huerto,2026-04-01T10:00+02:00\nb.jpg,P1,Huerto,yesterday\n"
        )
        batch = run(project, tmp_path)
        photo = Photo.objects.get()
        assert (photo.plant.name, photo.site.name) == ("P1", "Huerto")
        assert photo.taken_at == datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
        assert [(row.row, row.code) for row in reported(batch)] == [(3, "bad_time")]
        assert Plant.objects.count() == 1

    def test_bad_files_are_reported_and_good_ones_come_in(self, project):
        good = ("bud/a.jpg", corpus.jpeg(1))
        bad = [("bud/b.jpg", b""), ("bud/c.jpg", corpus.HTML), ("bud/d.jpg", corpus.SVG), ("../e.jpg", corpus.jpeg(2))]
        batch = started(project, archive=zipped(*bad, good))
        import_run_archive(import_batch_id=batch.pk)
        batch.refresh_from_db()
        assert counts(batch) == (5, 1, 0, 4)
        assert [row.code for row in reported(batch)] == ["empty", "not_an_image", "unsupported", "unsafe_path"]

    def test_a_file_whose_checksum_is_wrong_is_reported(self, project):
        data = bytearray(zipped(("a.jpg", corpus.jpeg(1))).getvalue())
        data[2000] ^= 0xFF
        batch = started(project, archive=io.BytesIO(bytes(data)))
        batch = import_run_archive(import_batch_id=batch.pk)
        assert (batch.state, [row.code for row in reported(batch)]) == ("done", ["truncated"])

    def test_what_the_pixels_show_later_joins_the_report(self, project):
        batch = started(project, archive=zipped(("a.jpg", corpus.jpeg(1)[:3000])))
        import_run_archive(import_batch_id=batch.pk)
        assert import_get(project=project, import_batch_id=batch.pk).processed == 0
        photo_process(photo_id=Photo.objects.get().pk)
        batch = import_get(project=project, import_batch_id=batch.pk)
        assert batch.processed == 1
        assert [(row.name, row.code) for row in reported(batch)] == [("a.jpg", "truncated")]


class TestRepeats:
    def test_a_second_import_finds_everything_there(self, project, tmp_path):
        path = folder_of(tmp_path, project, "1/a.jpg", "2/b.jpg")
        run(project, path, label_use="gold")
        assert counts(run(project, path, label_use="gold")) == (2, 0, 2, 0)
        assert Photo.objects.count() == 2

    def test_an_import_killed_half_way_is_taken_up(self, project, tmp_path, monkeypatch):
        """Its own photos are not called duplicates, and the counts come out as if nothing had happened."""
        path = folder_of(tmp_path, project, *[f"1/{i}.jpg" for i in range(6)])
        batch = started(project, label_use="gold")
        bring_in, seen = Rows.bring_in, []

        def killed(self, row, tally):
            seen.append(row)
            if len(seen) == 4:
                raise KeyboardInterrupt  # stands for a kill: no handler of ours runs
            bring_in(self, row, tally)

        with monkeypatch.context() as patched:
            patched.setattr(Rows, "bring_in", killed)
            with pytest.raises(KeyboardInterrupt):
                import_run(import_batch_id=batch.pk, source=source_of(path))
        assert Photo.objects.count() == 3
        ImportBatch.objects.filter(pk=batch.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=5))
        batch = import_run(import_batch_id=batch.pk, source=source_of(path))
        assert (batch.state, counts(batch)) == ("done", (6, 6, 0, 0))
        assert KnownLabel.objects.count() == 6

    def test_an_import_at_work_is_left_to_its_worker(self, project, tmp_path):
        path = folder_of(tmp_path, project, "1/a.jpg")
        batch = started(project)
        ImportBatch.objects.filter(pk=batch.pk).update(state="running", heartbeat_at=timezone.now())
        import_run(import_batch_id=batch.pk, source=source_of(path))
        assert not Photo.objects.exists()

    @pytest.mark.parametrize("hours", [-1, 1])
    def test_a_machine_whose_clock_differs_keeps_its_import(self, project, tmp_path, monkeypatch, hours):
        """GIVEN an import on a machine an hour off, WHEN another machine looks amid it, THEN it is left alone."""
        path = folder_of(tmp_path, project, "1/a.jpg")
        batch, here, seen = started(project), timezone.now, []

        def amid(_):
            with monkeypatch.context() as other:
                other.setattr(timezone, "now", here)
                seen.append(imports_unfinished())
                import_run(import_batch_id=batch.pk, source=source_of(path))

        monkeypatch.setattr(timezone, "now", lambda: here() + timedelta(hours=hours))
        ended = import_run(import_batch_id=batch.pk, source=source_of(path), on_progress=amid)

        assert (ended.state, counts(ended)) == ("done", (1, 1, 0, 0))
        assert seen == [[]]
        assert abs(ended.heartbeat_at - here()) < timedelta(minutes=1)

    def test_a_finished_import_is_not_run_again(self, project, tmp_path):
        path = folder_of(tmp_path, project, "1/a.jpg")
        batch = run(project, path)
        (path / "more.jpg").write_bytes(corpus.jpeg(9))
        assert counts(import_run(import_batch_id=batch.pk, source=source_of(path))) == (1, 1, 0, 0)

    def test_a_bug_fails_the_import_and_says_so(self, project, tmp_path, monkeypatch):
        path = folder_of(tmp_path, project, "1/a.jpg")
        batch = started(project)
        monkeypatch.setattr(Rows, "bring_in", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            import_run(import_batch_id=batch.pk, source=source_of(path))
        batch.refresh_from_db()
        assert (batch.state, bool(batch.error)) == ("failed", True)


class TestArchives:
    def test_an_archive_is_dropped_once_it_is_in(self, project):
        batch = started(project, archive=zipped(("a.jpg", corpus.jpeg(1))))
        assert default_storage.exists(batch.archive)
        assert import_run_archive(import_batch_id=batch.pk).state == "done"
        assert not default_storage.exists(batch.archive)

    def test_what_is_no_archive_is_refused_at_the_door(self, project):
        with pytest.raises(DomainError) as refused:
            started(project, archive=io.BytesIO(corpus.jpeg(1)))
        assert refused.value.code == "zip_damaged"
        assert not ImportBatch.objects.exists()

    def test_a_lost_archive_fails_the_import(self, project):
        batch = started(project, archive=zipped(("a.jpg", corpus.jpeg(1))))
        default_storage.delete(batch.archive)
        assert import_run_archive(import_batch_id=batch.pk).state == "failed"
        assert [(row.row, row.code) for row in reported(batch)] == [(0, "archive_lost")]

    def test_unstarted_and_silent_imports_are_found(self, project):
        now, long_ago = timezone.now(), timezone.now() - timedelta(minutes=5)
        fields = [
            ("pending", "a", long_ago, None, True),
            ("pending", "a", now, None, False),
            ("running", "a", long_ago, long_ago, True),
            ("running", "a", long_ago, now, False),
            ("running", "", long_ago, long_ago, False),
            ("done", "a", long_ago, long_ago, False),
        ]
        wanted = []
        for state, archive, created_at, heartbeat_at, is_found in fields:
            batch = ImportBatchFactory(project=project, state=state, archive=archive, heartbeat_at=heartbeat_at)
            ImportBatch.objects.filter(pk=batch.pk).update(created_at=created_at)
            wanted += [batch.pk] if is_found else []
        assert sorted(imports_unfinished()) == wanted

    def test_they_are_enqueued(self, project, monkeypatch):
        batch = started(project, archive=zipped())
        ImportBatch.objects.filter(pk=batch.pk).update(created_at=timezone.now() - timedelta(minutes=5))
        sent = []
        monkeypatch.setattr(tasks.run_import, "apply_async", lambda *, args, **_: sent.extend(args))
        tasks.reconcile_imports()
        assert sent == [batch.pk]

    def test_a_quiet_browser_batch_is_closed(self, project):
        quiet, busy = (started(project, is_browser_batch=True) for _ in range(2))
        ImportBatch.objects.filter(pk=quiet.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))
        assert browser_batches_close() == 1
        states = dict(ImportBatch.objects.values_list("pk", "state"))
        assert states == {quiet.pk: "done", busy.pk: "running"}


class TestDryRun:
    def test_it_tells_what_would_come_and_writes_nothing(self, project):
        slug = stage_at(project, 1).slug
        unseen = corpus.jpeg(9001)  # no other test has put it into storage
        sent = zipped(
            (f"{slug}/a.jpg", unseen), (f"{slug}/b.jpg", corpus.HTML), (f"{slug}/c.jpg", corpus.jpeg(2)[:3000]),
            ("none/d.jpg", corpus.jpeg(3)),
        )  # fmt: skip
        batch = import_run_archive(import_batch_id=started(project, archive=sent, label_use="gold", is_dry_run=True).pk)
        assert (batch.state, counts(batch)) == ("done", (4, 1, 0, 3))
        # The pixels are looked at as well: what a worker would find later has its row here.
        assert [(r.row, r.code) for r in reported(batch)] == [
            (2, "not_an_image"),
            (3, "truncated"),
            (4, "unknown_label"),
        ]
        assert not Photo.objects.exists()
        assert not KnownLabel.objects.exists()
        assert not default_storage.exists(original_key(hashlib.sha256(unseen).hexdigest()))

    def test_contradictions_within_the_archive_are_found(self, project):
        one, two = stage_at(project, 1).slug, stage_at(project, 2).slug
        sent = zipped((f"{one}/a.jpg", corpus.jpeg(1)), (f"{two}/a.jpg", corpus.jpeg(1)))
        batch = started(project, archive=sent, label_use="prior", label_source="T", is_dry_run=True)
        batch = import_run_archive(import_batch_id=batch.pk)
        assert [(row.row, row.code) for row in reported(batch)] == [(2, "label_conflict")]

    def test_its_archive_is_kept_for_the_import_itself(self, project):
        rehearsed = started(project, archive=zipped(("a.jpg", corpus.jpeg(1))), is_dry_run=True)
        rehearsed = import_run_archive(import_batch_id=rehearsed.pk)
        batch = import_run_archive(import_batch_id=started(project, rehearsal=rehearsed).pk)
        assert counts(batch) == (1, 1, 0, 0)
        assert default_storage.exists(rehearsed.archive), "the dry run may still be followed by another import"
        ImportBatch.objects.filter(pk=rehearsed.pk).update(finished_at=timezone.now() - timedelta(days=2))
        assert archives_expire() == 1
        assert not default_storage.exists(rehearsed.archive)
        rehearsed.refresh_from_db()
        with pytest.raises(DomainError) as refused:
            started(project, rehearsal=rehearsed)
        assert refused.value.code == "archive_missing"


class TestResuming:
    def test_a_killed_import_goes_on_behind_what_was_counted(self, project, tmp_path, monkeypatch):
        """GIVEN a kill after two chunks, WHEN it is taken up, THEN their files are not opened again."""
        monkeypatch.setattr(imports, "CHUNK", 2)
        path = folder_of(tmp_path, project, *[f"1/{i}.jpg" for i in range(5)])
        (path / stage_at(project, 1).slug / "0.jpg").write_bytes(corpus.HTML)
        batch, bring_in, seen = started(project, label_use="gold"), Rows.bring_in, []

        def killed(self, row, tally):
            seen.append(row.row)
            if len(seen) == 5:
                raise KeyboardInterrupt
            bring_in(self, row, tally)

        with monkeypatch.context() as patched:
            patched.setattr(Rows, "bring_in", killed)
            with pytest.raises(KeyboardInterrupt):
                import_run(import_batch_id=batch.pk, source=source_of(path))
        ImportBatch.objects.filter(pk=batch.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=5))

        def noted(self, row, tally):
            seen.append(row.row)
            bring_in(self, row, tally)

        monkeypatch.setattr(Rows, "bring_in", noted)
        batch = import_run(import_batch_id=batch.pk, source=source_of(path))
        assert seen == [1, 2, 3, 4, 5, 5]
        assert (counts(batch), len(reported(batch))) == ((5, 4, 0, 1), 1)

    def test_a_run_thought_dead_stops_when_it_comes_back(self, project, tmp_path, monkeypatch):
        monkeypatch.setattr(imports, "CHUNK", 1)
        path = folder_of(tmp_path, project, "1/a.jpg", "1/b.jpg")
        batch, bring_in = started(project), Rows.bring_in

        def overtaken(self, row, tally):
            ImportBatch.objects.filter(pk=batch.pk).update(heartbeat_at=timezone.now())
            bring_in(self, row, tally)

        monkeypatch.setattr(Rows, "bring_in", overtaken)
        assert import_run(import_batch_id=batch.pk, source=source_of(path)).state == "running"

    def test_a_refused_row_leaves_no_site_behind_for_the_next(self, project, tmp_path):
        """The site that a refused row made is rolled back with it; the next row must not refer to it."""
        for seed, name in enumerate("ab"):
            (tmp_path / f"{name}.jpg").write_bytes(corpus.jpeg(seed))
        (tmp_path / "labels.csv").write_text("path,site,plant,taken_at\na.jpg,Huerto,P1,never\nb.jpg,Huerto,P1,\n")
        batch = run(project, tmp_path)
        assert counts(batch) == (2, 1, 0, 1)
        assert Photo.objects.get().plant.site.name == "Huerto"


def test_text_that_the_database_cannot_hold_fails_no_import(project, tmp_path):
    (tmp_path / "a.jpg").write_bytes(corpus.jpeg(1))
    line = '{"path":"a.jpg","site":"Hu\\u0000erto","plant":"\\ud800","label":"bud","note":"x\\u0000"}\n'
    (tmp_path / "labels.jsonl").write_text(line)
    batch = run(project, tmp_path / "labels.jsonl")
    assert (batch.state, counts(batch)) == ("done", (1, 1, 0, 0))
    assert (Photo.objects.get().site.name, Photo.objects.get().plant.name) == ("Huerto", "?")
