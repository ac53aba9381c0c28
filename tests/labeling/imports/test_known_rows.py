"""Rows without files, many in a transaction: they draw what one by one would, in few statements."""

from __future__ import annotations

import io
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labeling.domain.decisions import DecisionInput
from labeling.models import (
    Adjudication,
    Annotation,
    Consensus,
    ImportBatch,
    KnownLabel,
    Photo,
    Project,
    QueueEntry,
    Suggestion,
)
from labeling.selectors.imports import import_report
from labeling.services import imports
from labeling.services.annotate import decisions_submit
from labeling.services.import_formats.detection import source_of_upload
from labeling.services.imports import import_run, import_start
from labeling.services.known_labels import known_labels_state
from labeling.services.label_book import StatedLabel
from tests.factories.labeling import MembershipFactory, PhotoFactory, ProjectFactory, stage_at

pytestmark = pytest.mark.django_db

STATED = ("label", "again", "other source", "unprocessed", "decided", "far from it", "known", "held out")
"""What each photo of a world is about; its label is that of stage 2 but where the name says otherwise."""


def world(labels_wanted: int) -> tuple[Project, dict[str, Photo]]:
    """A project whose photos are in all kinds of states."""
    project: Project = ProjectFactory.create(labels_wanted=labels_wanted)
    photos = {name: PhotoFactory(project=project) for name in STATED}
    Photo.objects.filter(pk=photos["unprocessed"].pk).update(status="received")
    Photo.objects.filter(pk=photos["held out"].pk).update(is_held_out=True)
    expert = MembershipFactory(project=project).user
    for name, position in (("decided", 2), ("far from it", 6)):
        decision = DecisionInput(uuid.uuid4(), photos[name].pk, "stage", timezone.now(), stage=position)
        decisions_submit(project=project, annotator=expert, decisions=[decision])
    for name in ("known", "again"):
        stage = stage_at(project, 2)
        KnownLabel.objects.create(photo=photos[name], stage=stage, kind="hidden")
        Suggestion.objects.create(photo=photos[name], project=project, position=1, confidence=0.5, is_open=True)
    return project, {name: Photo.objects.get(pk=photo.pk) for name, photo in photos.items()}


def table(photos: dict[str, Photo], label: str) -> io.BytesIO:
    lines = ["sha256,label,source"]
    for name, photo in photos.items():
        lines.append(f"{photo.sha256},{label},{'Thesis' if name == 'other source' else ''}")
    lines.append(f"{photos['again'].sha256},{label},Campaign")
    return io.BytesIO("\n".join(lines).encode())


def run(project: Project, file: io.BytesIO, **fields) -> ImportBatch:
    batch = import_start(project=project, name="Labels", **{"label_use": "prior", "label_source": "Season", **fields})
    return import_run(import_batch_id=batch.pk, source=source_of_upload(file))


def drawn(photos: dict[str, Photo]) -> dict[str, list[object]]:
    """All that is known of the photos, by their names."""
    names = {photo.pk: name for name, photo in photos.items()}
    reads = {
        "annotations": (Annotation, ("source", "kind", "stage__position", "round", "mode")),
        "known": (KnownLabel, ("stage__position", "kind")),
        "consensus": (
            Consensus,
            ("outcome", "stage__position", "distribution", "consensus_quality", "annotator_agreement", "n_annotations",
             "is_gold", "is_adjudicated"),
        ),
        "queue": (QueueEntry, ("rank", "reason", "is_blind", "open_slots", "batch__source")),
        "disputes": (Adjudication, ("state", "round", "stage_gap")),
        "suggestions": (Suggestion, ("position", "is_open")),
    }  # fmt: skip
    return {
        what: sorted(
            ((names[pk], *row) for pk, *row in model.objects.filter(photo__in=names).values_list("photo_id", *fields)),
            key=repr,
        )
        for what, (model, fields) in reads.items()
    }


@pytest.mark.parametrize("labels_wanted", [1, 2, 3])
@pytest.mark.parametrize("use", ["prior", "gold", "hidden"])
def test_many_draw_what_one_by_one_would(use, labels_wanted):
    project, photos = world(labels_wanted)
    run(project, table(photos, stage_at(project, 2).slug), label_use=use)
    alone, its_photos = world(labels_wanted)
    for name, photo in [*its_photos.items(), ("again", its_photos["again"])]:
        source = "Thesis" if name == "other source" else ""
        known_labels_state(
            photo_id=photo.pk,
            labels=[StatedLabel("stage", stage_at(alone, 2), source=source)],
            label_use=use,
            source="Season",
        )
    if use == "prior":
        label = StatedLabel("stage", stage_at(alone, 2), source="Campaign")
        known_labels_state(photo_id=its_photos["again"].pk, labels=[label], label_use=use, source="Season")
    assert drawn(photos) == drawn(its_photos)
    assert drawn(photos)["consensus" if labels_wanted == 1 or use == "gold" else "annotations"]


def test_statements_do_not_grow_with_the_rows():
    counts = []
    for n in (5, 60):
        project = ProjectFactory()
        photos = {str(i): PhotoFactory(project=project) for i in range(n)}
        lines = "\n".join(f"{it.sha256},{stage_at(project, 3).slug}" for it in photos.values())
        with CaptureQueriesContext(
            connection,
        ) as caught:
            batch = run(project, io.BytesIO(f"sha256,label\n{lines}".encode()))
        assert (batch.duplicates, Consensus.objects.filter(project=project).count()) == (n, n)
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_each_row_is_taken_or_refused_by_itself():
    project = ProjectFactory()
    one, other = PhotoFactory(project=project), PhotoFactory(project=project)
    foreign = PhotoFactory()
    first, second = stage_at(project, 1).slug, stage_at(project, 4).slug
    rows = [
        (one.sha256, first), (one.sha256, second), (other.sha256, "nonsense"), (foreign.sha256, first),
        (other.sha256, second),
    ]  # fmt: skip
    batch = run(project, io.BytesIO("\n".join(["sha256,label", *[",".join(row) for row in rows]]).encode()))
    assert [(row.row, row.code) for row in import_report(batch=batch)] == [
        (3, "label_conflict"), (4, "unknown_label"), (5, "file_missing"),
    ]  # fmt: skip
    assert list(Annotation.objects.order_by("photo_id").values_list("stage__slug", flat=True)) == [first, second]
    assert (batch.total, batch.duplicates, batch.refused) == (5, 2, 3)


def test_a_row_with_a_fault_leaves_none_of_its_statements():
    """Two statements of one Label Studio task, the second of which contradicts what is known."""
    project = ProjectFactory()
    photo = PhotoFactory(project=project)
    known_labels_state(
        photo_id=photo.pk, labels=[StatedLabel("stage", stage_at(project, 0), source="B")], label_use="prior"
    )
    task = """[{"data": {"image": "x.jpg", "sha256": "%s"}, "annotations": [
        {"completed_by": 1, "result": [{"type": "choices", "value": {"choices": ["%s"]}}]},
        {"completed_by": 2, "result": [{"type": "choices", "value": {"choices": ["%s"]}}]}]}]"""
    slug = stage_at(project, 3).slug
    file = io.BytesIO((task % (photo.sha256, slug, slug)).encode())
    batch = run(project, file, label_source="LS")
    assert (batch.duplicates, batch.refused) == (1, 0)
    again = io.BytesIO((task % (photo.sha256, stage_at(project, 4).slug, slug)).encode())
    batch = run(project, again, label_source="LS")
    assert [row.code for row in import_report(batch=batch)] == ["label_conflict"]
    assert set(Annotation.objects.values_list("source", "stage__position")) == {("B", 0), ("LS 1", 3), ("LS 2", 3)}


def test_a_dry_run_tells_the_same_and_writes_nothing(monkeypatch):
    monkeypatch.setattr(imports, "KNOWN_CHUNK", 2)  # the contradiction lies in another chunk
    project = ProjectFactory()
    photos = PhotoFactory.create_batch(3, project=project)
    first, second = stage_at(project, 1).slug, stage_at(project, 4).slug
    rows = [(photos[0], first), (photos[1], first), (photos[2], second), (photos[0], second), (photos[1], first)]
    text = "\n".join(["sha256,label,suggested_stage", *[f"{it.sha256},{label},{first}" for it, label in rows]]).encode()
    told = []
    for is_dry_run in (True, False):
        assert not Annotation.objects.exists()
        assert not Suggestion.objects.exists()
        batch = run(project, io.BytesIO(text), is_dry_run=is_dry_run)
        told.append((batch.duplicates, [(row.row, row.code) for row in import_report(batch=batch)]))
    assert told[0] == told[1] == (4, [(5, "label_conflict")])
    assert (Annotation.objects.count(), Suggestion.objects.count()) == (3, 3)


def test_what_a_killed_run_had_committed_is_recognised(monkeypatch):
    monkeypatch.setattr(imports, "KNOWN_CHUNK", 2)
    project = ProjectFactory()
    photos = PhotoFactory.create_batch(5, project=project)
    text = "\n".join(["sha256,label", *[f"{it.sha256},{stage_at(project, 1).slug}" for it in photos]]).encode()
    batch = import_start(project=project, name="Labels", label_use="gold")
    saved, save = [], imports._save_progress

    def killed(*args):
        if len(saved) == 1:
            raise KeyboardInterrupt  # the second chunk is committed and not counted
        saved.append(args)
        save(*args)

    with monkeypatch.context() as patched:
        patched.setattr(imports, "_save_progress", killed)
        with pytest.raises(KeyboardInterrupt):
            import_run(import_batch_id=batch.pk, source=source_of_upload(io.BytesIO(text)))
    assert KnownLabel.objects.count() == 4
    ImportBatch.objects.update(heartbeat_at=timezone.now() - 2 * imports.LEASE)
    batch = import_run(import_batch_id=batch.pk, source=source_of_upload(io.BytesIO(text)))
    assert (batch.state, batch.duplicates, batch.refused, KnownLabel.objects.count()) == ("done", 5, 0, 5)


def test_many_consensuses_are_announced_once(django_capture_on_commit_callbacks):
    from labeling.events import consensus_reached, consensuses_reached

    project = ProjectFactory()
    photos = PhotoFactory.create_batch(4, project=project)
    text = "\n".join(["sha256,label", *[f"{it.sha256},{stage_at(project, 1).slug}" for it in photos]]).encode()
    heard = []
    note = lambda **fact: heard.append(fact.get("project_id"))  # noqa: E731 - a receiver has to live
    consensuses_reached.connect(note)
    consensus_reached.connect(note)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            run(project, io.BytesIO(text))
    finally:
        consensuses_reached.disconnect(note)
        consensus_reached.disconnect(note)
    assert heard == [project.pk]
