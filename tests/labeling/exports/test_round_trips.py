"""Export, import into a new project, export again: the same rows. For every format that can be imported."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from labeling.domain.decisions import REASONS
from labeling.models import Annotation, ImportBatch, Photo, Plant, Site, Suggestion
from labeling.selectors.dataset import dataset_rows
from labeling.selectors.imports import import_report
from labeling.services.export_formats.catalogue import Written, format_named
from labeling.services.exports import ExportOrder, export_bytes
from labeling.services.import_formats.detection import source_of_upload
from labeling.services.imports import import_run, import_start
from labeling.services.known_labels import known_label_state
from labeling.services.photos import photo_process, photo_receive
from tests.factories.labeling import AnnotationFactory, ProjectFactory, UserFactory, stage_at
from tests.labeling.exports.rows import names, texts
from tests.labeling.imaging import corpus

pytestmark = pytest.mark.django_db

N_STAGES = 7
PICTURES = [corpus.encoded(corpus.scene(seed, 64, 48), quality=80) for seed in range(3)]
in_the_past = st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))
file_names = st.sampled_from(["IMG_1.jpg", "=1+1.jpg", "ñandú 🌸.jpg", "'quoted'.png", "no suffix"])
slow_but_sure = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@st.composite
def opinions(draw):
    """``AnnotationFactory`` fields of one annotation, without the stages themselves."""
    kind = draw(st.sampled_from(["stage", "stage", "between", "cannot_tell", "unusable"]))
    position = draw(st.integers(0, N_STAGES - 2))
    is_staged = kind in {"stage", "between"}
    return {
        "kind": kind,
        "position": position if is_staged else None,
        "upper": position + 1 if kind == "between" else None,
        "reason": "" if is_staged else draw(st.sampled_from(REASONS[kind])),
        "note": draw(texts),
        "decided_at": draw(in_the_past),
    }


@st.composite
def worlds(draw):
    """Photos, each with site, plant, time, name, a suggestion perhaps, and what people and sources say of it."""
    return [
        {
            "original_name": draw(file_names),
            "site": draw(names),
            "plant": draw(names),
            "taken_at": draw(st.none() | in_the_past),
            "suggestion": draw(st.none() | st.tuples(st.integers(0, N_STAGES - 1), st.sampled_from([0.0, 0.625, 1.0]))),
            "gold": draw(st.integers(0, N_STAGES - 1)),
            "by_people": draw(st.lists(opinions(), max_size=2)),
            "by_sources": draw(st.dictionaries(st.sampled_from(["Thesis", "=Tesis 2024"]), opinions(), max_size=2)),
        }
        for _ in range(draw(st.integers(0, len(PICTURES))))
    ]


def built(world, *, is_gold: bool):
    """A project in which all that is in ``world`` is true."""
    project, people = ProjectFactory(), UserFactory.create_batch(2)
    for data, facts in zip(PICTURES, world, strict=False):
        site = Site.objects.get_or_create(project=project, name=facts["site"])[0] if facts["site"] else None
        plant = Plant.objects.get_or_create(site=site, name=facts["plant"])[0] if site and facts["plant"] else None
        photo = photo_receive(
            project=project, stream=io.BytesIO(data), original_name=facts["original_name"], site=site, plant=plant,
            taken_at=facts["taken_at"],
        ).photo  # fmt: skip
        photo_process(photo_id=photo.pk)
        photo.refresh_from_db()
        if facts["suggestion"]:
            position, confidence = facts["suggestion"]
            Suggestion.objects.create(
                photo=photo, project=project, position=position, confidence=confidence, model_version="v7"
            )
        if is_gold:
            known_label_state(photo_id=photo.pk, stage=stage_at(project, facts["gold"]), label_use="gold")
            continue
        authors = [{"annotator": person} for person in people]
        for author, opinion in zip(authors, facts["by_people"], strict=False):
            annotated(photo, opinion, **author)
        for source, opinion in facts["by_sources"].items():
            annotated(photo, opinion, annotator=None, source=source)
    return project


def annotated(photo, opinion, **author) -> None:
    stages = {name: None if opinion[name] is None else stage_at(photo.project, opinion[name]) for name in
              ("position", "upper")}  # fmt: skip
    AnnotationFactory(
        photo=photo, kind=opinion["kind"], stage=stages["position"], stage_upper=stages["upper"],
        reason=opinion["reason"], note=opinion["note"], decided_at=opinion["decided_at"], **author,
    )  # fmt: skip


def exported(project, form, unit, photos) -> io.BytesIO:
    order = ExportOrder(form, unit, photos)
    spec, choice = format_named(form, unit=unit, photos=photos)
    pieces = export_bytes(project=project, order=order, spec=spec, photos=choice, outcome=Written())
    return io.BytesIO(b"".join(pieces))


def imported(project, file, **fields) -> ImportBatch:
    batch = import_start(project=project, name="again", **fields)
    return import_run(import_batch_id=batch.pk, source=source_of_upload(file, batch.form))


def said(project, unit):
    """What an import keeps: not ids and hashes of files, nor how an annotation was given."""
    rows = []
    for row in dataset_rows(project=project, unit=unit):
        photo, label, model = row.photo, row.label, row.model
        rows.append(
            (
                photo.original_name, photo.site, photo.plant, photo.taken_at,
                label.kind, label.stage and label.stage.slug, label.stage_upper and label.stage_upper.slug,
                label.source, label.reason, label.note, label.is_gold,
                label.decided_at if unit == "annotation" else None,
                model and (model.stage.slug, model.confidence, model.version),
            )
        )  # fmt: skip
    return sorted(rows, key=repr)


def everything():
    return [
        (model.__name__, sorted(model.objects.values_list("pk", flat=True)))
        for model in (Photo, Site, Plant, Annotation, Suggestion)
    ]


def processed(project) -> None:
    for photo_id in Photo.objects.filter(project=project, status="received").values_list("pk", flat=True):
        photo_process(photo_id=photo_id)


@pytest.mark.parametrize("photos", ["view", "original"])
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "coco", "label_studio"])
@slow_but_sure
@given(world=worlds())
def test_annotations(form, photos, world):
    with transaction.atomic():
        project = built(world, is_gold=False)
        file, target = exported(project, form, "annotation", photos), ProjectFactory()
        before = said(project, "annotation")
        for _ in range(2):  # importing again changes nothing
            batch = imported(target, file, label_use="prior", label_source="not needed")
            assert (batch.state, list(import_report(batch=batch))) == ("done", [])
            processed(target)
            assert said(target, "annotation") == before
        transaction.set_rollback(True)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "coco", "label_studio", "image_folder"])
@slow_but_sure
@given(world=worlds())
def test_gold(form, world):
    with transaction.atomic():
        project = built(world, is_gold=True)
        target = ProjectFactory()
        batch = imported(target, exported(project, form, "consensus", "view"), label_use="gold")
        assert (batch.state, list(import_report(batch=batch))) == ("done", [])
        processed(target)
        assert said(target, "consensus") == said(project, "consensus")
        transaction.set_rollback(True)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "coco", "label_studio"])
@slow_but_sure
@given(world=worlds())
def test_labels_alone_find_their_photos_by_hash(form, world):
    """GIVEN the photos in another project already, WHEN labels come without photos, THEN they find them."""
    with transaction.atomic():
        project, target = built(world, is_gold=False), ProjectFactory()
        assume(said(project, "annotation"))  # an empty file says of no format that it is one
        for data, _ in zip(PICTURES, world, strict=False):
            photo_process(photo_id=photo_receive(project=target, stream=io.BytesIO(data)).photo.pk)
        file = exported(project, form, "annotation", "none")
        batch = imported(target, file, label_use="prior", label_source="not needed")
        assert (batch.state, list(import_report(batch=batch))) == ("done", [])
        strip = [row[4:] for row in said(project, "annotation")]
        assert sorted((row[4:] for row in said(target, "annotation")), key=repr) == sorted(strip, key=repr)
        transaction.set_rollback(True)


@pytest.mark.parametrize("form", ["csv", "coco", "label_studio"])
@slow_but_sure
@given(world=worlds())
def test_a_dry_run_counts_the_same_and_writes_nothing(form, world):
    with transaction.atomic():
        project, target = built(world, is_gold=False), ProjectFactory()
        file = exported(project, form, "annotation", "view")
        before, files = everything(), stored_files()
        rehearsed = imported(target, file, label_use="prior", label_source="x", is_dry_run=True)
        assert (everything(), stored_files()) == (before, files)
        real = imported(target, file, label_use="prior", label_source="x")
        assert counts(rehearsed) == counts(real)
        transaction.set_rollback(True)


def counts(batch):
    return batch.state, batch.total, batch.received, batch.duplicates, batch.refused


def stored_files(folder: str = "") -> set[str]:
    if folder and not default_storage.exists(folder):
        return set()
    folders, files = default_storage.listdir(folder)
    found = {f"{folder}/{name}" for name in files}
    return found.union(*(stored_files(f"{folder}/{name}".lstrip("/")) for name in folders)) if folders else found
