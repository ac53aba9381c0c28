"""Imports by command, with the photos made ready beside it."""

from __future__ import annotations

import os

import pytest
from django.core.management import CommandError, call_command

from labeling import tasks
from labeling.models import Consensus, ImportRefusal, KnownLabel, Photo, Project
from labeling.services.photos import photo_receive
from tests.factories.labeling import ProjectFactory
from tests.labeling.imaging import corpus
from tests.labeling.imports.test_imports import folder_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


class TestCommand:
    def test_a_new_project_from_a_table_of_classes(self, tmp_path, capsys):
        (tmp_path / "classes.csv").write_text("order,slug,title,bbch\n2,late,Late,70-72\n1,early,Early,51\n")
        (tmp_path / "photos" / "early").mkdir(parents=True)
        (tmp_path / "photos" / "early" / "a.jpg").write_bytes(corpus.jpeg(1))
        (tmp_path / "photos" / "early" / "b.jpg").write_bytes(corpus.HTML)
        call_command(
            "import_photos", str(tmp_path / "photos"), "--project", "plums", "--create-project", "Plums",
            "--scale-from", str(tmp_path / "classes.csv"), "--labels", "hidden",
        )  # fmt: skip
        stages = Project.objects.get(slug="plums").scales.get().stages.order_by("position")
        assert [(s.slug, s.bbch_first, s.bbch_last) for s in stages] == [("early", "51", "51"), ("late", "70", "72")]
        assert KnownLabel.objects.get().stage.slug == "early"
        shown = capsys.readouterr().err
        assert "1 received, 0 known, 1 refused of 2" in shown
        assert "early/b.jpg" in shown

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["nowhere", "--project", "{slug}"], "neither a folder"),
            (["{path}", "--project", "none"], "no project"),
            (["{path}", "--project", "none", "--create-project", "None"], "scale-from"),
            (["{path}", "--project", "{slug}", "--labels", "prior"], "who gave"),
        ],
    )
    def test_mistakes_are_explained(self, project, tmp_path, arguments, said):
        with pytest.raises(CommandError, match=said):
            call_command("import_photos", *[a.format(slug=project.slug, path=tmp_path) for a in arguments])


@pytest.mark.django_db(transaction=True)
class TestProcessing:
    def test_photos_are_ready_when_the_command_ends(self, tmp_path, monkeypatch):
        """In processes of its own: no worker is told, and photos of one plant's picture find each other's group."""
        told = []
        monkeypatch.setattr(tasks.process_photo, "apply_async", lambda *, args, **_: told.extend(args))
        project = ProjectFactory()
        path = folder_of(tmp_path, project, *[f"{number % 3}/{number}.jpg" for number in range(7)])
        for number in range(7):
            near = corpus.encoded(corpus.scene(number).resize((500, 375)), quality=70)
            (path / f"again{number}.jpg").write_bytes(near)
        waiting = photo_receive(project=project, stream=(path / "again0.jpg").open("rb")).photo
        told.clear()
        arguments = [str(path), "--project", project.slug, "--process", "--processes", "3"]
        call_command("import_photos", *arguments, "--labels", "gold")
        waiting.refresh_from_db()
        assert waiting.status == "ready", "it waited before, and nobody else was at it"
        assert Photo.objects.ready().count() == 14
        assert Photo.objects.values("group_key").distinct().count() == 7
        assert Consensus.objects.filter(is_gold=True).count() == 7
        assert told == []
        call_command("import_photos", *arguments)
        assert Photo.objects.count() == 14

    def test_what_the_pixels_show_is_in_the_report(self, tmp_path, capsys):
        project = ProjectFactory()
        (tmp_path / "cut.jpg").write_bytes(corpus.jpeg(1)[:4000])
        (tmp_path / "good.jpg").write_bytes(corpus.jpeg(2))
        call_command("import_photos", str(tmp_path), "--project", project.slug, "--process")
        assert sorted(Photo.objects.values_list("status", flat=True)) == ["ready", "rejected"]
        assert ImportRefusal.objects.get().code == "truncated"
        assert "rejected: cut.jpg" in capsys.readouterr().err

    def test_workers_hear_of_photos_again_afterwards(self, tmp_path, monkeypatch):
        told = []
        monkeypatch.setattr(tasks.process_photo, "apply_async", lambda *, args, **_: told.extend(args))
        project = ProjectFactory()
        call_command("import_photos", str(tmp_path), "--project", project.slug, "--process")
        (tmp_path / "a.jpg").write_bytes(corpus.jpeg(3))
        call_command("import_photos", str(tmp_path), "--project", project.slug)
        assert told == [Photo.objects.get().pk]

    def test_a_process_that_dies_is_said_and_its_photos_wait(self, tmp_path, monkeypatch):
        from labeling.services import photo_workers

        def killed(**_):
            os._exit(9)

        monkeypatch.setattr(photo_workers, "photos_process", killed)
        project = ProjectFactory()
        (tmp_path / "a.jpg").write_bytes(corpus.jpeg(4))
        with pytest.raises(CommandError, match="run it again"):
            call_command("import_photos", str(tmp_path), "--project", project.slug, "--process")
        assert Photo.objects.get().status == "received"


@pytest.mark.slow
def test_the_dandelions(shared_data):
    """GIVEN 810 real photos in groups, WHEN they are imported, THEN all are there, each group as one plant."""
    folder = shared_data / "dandelion-stages"
    call_command(
        "import_photos", str(folder / "split.csv"), "--project", "dandelions", "--create-project", "Dandelions",
        "--scale-from", str(folder / "classes.csv"), "--labels", "hidden",
    )  # fmt: skip
    assert KnownLabel.objects.count() == 810
    assert Photo.objects.values("plant").distinct().count() == 679
