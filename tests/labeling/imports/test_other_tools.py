"""Files that Label Studio, doccano and makers of COCO sets write, real ones and hostile ones."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.json_items import JsonUnreadable, list_items, object_entries
from labeling.domain.scale_templates import StageInput
from labeling.models import Annotation, KnownLabel, Photo, Suggestion
from labeling.selectors.imports import import_report
from labeling.services.import_formats.detection import source_of_upload
from labeling.services.import_formats.rows import SourceUnusable
from labeling.services.imports import import_run, import_start
from labeling.services.projects import project_create
from tests.factories.labeling import PhotoFactory
from tests.labeling.exports.rows import STAGES
from tests.labeling.exports.samples import sample_rows
from tests.labeling.imaging import corpus
from tests.labeling.imports.test_sources import zipped

DATA = Path(__file__).resolve().parents[2] / "data"
UPLOADED = ("85167cfd-tree_1.jpg", "81f49805-ciruelo_ñ.jpg", "84c584cf-c.jpg", "26208faa-d.jpg")
BEFORE = ("tree 1.jpg", "ciruelo ñ.jpg", "c.jpg", "d.jpg")


@pytest.fixture
def plums(db):
    stages = [StageInput(n, n) for n in ("Green bud", "Full bloom", "Fruit set")]
    return project_create(name="Plums", created_by=None, stages=stages)


def bundle(names, *tables):
    return zipped(*[(name, corpus.jpeg(seed)) for seed, name in enumerate(names)], *tables)


def run(project, archive, **fields):
    batch = import_start(project=project, name="From elsewhere", **fields)
    return import_run(import_batch_id=batch.pk, source=source_of_upload(archive, batch.form))


def reported(batch):
    return [(row.row, row.code) for row in import_report(batch=batch)]


def said():
    rows = Annotation.objects.order_by("id").select_related("stage", "photo")
    return [(row.photo.original_name, row.source, row.kind, row.stage.slug) for row in rows]


class TestLabelStudio:
    @pytest.mark.parametrize("name", ["export.json", "snapshot.json"])
    @pytest.mark.parametrize("photos", [UPLOADED, BEFORE])
    def test_real_exports(self, plums, name, photos):
        """Photos as Label Studio stores them or as they were called before; the skipped annotation says nothing."""
        tasks = (DATA / "label_studio" / name).read_bytes()
        batch = run(plums, bundle(photos, (name, tasks)), label_use="prior", label_source="Label Studio")
        assert (batch.state, batch.total, batch.received, reported(batch)) == ("done", 4, 4, [])
        assert [row[1:] for row in said()] == [
            ("Label Studio 1", "stage", "green-bud"),
            ("Label Studio 1", "stage", "full-bloom"),
        ]
        assert "@" not in str(said())

    def test_predictions_of_a_snapshot(self, plums):
        tasks = (DATA / "label_studio" / "snapshot.json").read_bytes()
        run(plums, bundle(UPLOADED, ("tasks.json", tasks)))
        kept = list(Suggestion.objects.order_by("photo_id").values_list("position", "confidence", "model_version"))
        assert kept == [(1, 0.61, "resnet-7"), (2, 0.93, "resnet-7")]

    def test_what_it_calls_ground_truth_is_gold(self, plums):
        tasks = (DATA / "label_studio" / "export.json").read_bytes()
        run(plums, bundle(UPLOADED, ("tasks.json", tasks)), label_use="gold")
        assert set(KnownLabel.objects.values_list("stage__slug", flat=True)) == {"green-bud", "full-bloom"}

    def test_our_own_export_back_from_label_studio(self, db):
        """GIVEN our export taken into Label Studio and out again, WHEN it comes back, THEN it says what was said."""
        stages = [StageInput(s.name_es, s.name_en, s.slug) for s in STAGES]
        project = project_create(name="Back", created_by=None, stages=stages)
        sent = list(sample_rows(8))
        for sha256 in {row.photo.sha256 for row in sent}:
            PhotoFactory(project=project, sha256=sha256)
        file = io.BytesIO((DATA / "label_studio" / "returned.json").read_bytes())
        batch = run(project, file, label_use="prior", label_source="not needed")
        assert (batch.state, batch.total, reported(batch)) == ("done", 4, [])
        kept = Annotation.objects.select_related("photo", "stage", "stage_upper")
        assert {
            (a.photo.sha256, a.source, a.kind, a.stage and a.stage.slug, a.stage_upper and a.stage_upper.slug,
             a.reason, a.decided_at)
            for a in kept
        } == {
            (r.photo.sha256, r.label.source, r.label.kind, r.label.stage and r.label.stage.slug,
             r.label.stage_upper and r.label.stage_upper.slug, r.label.reason, r.label.decided_at)
            for r in sent
        }  # fmt: skip
        assert Suggestion.objects.filter(model_version="v1", confidence=0.75).count() == 4

    def test_addresses_are_not_fetched(self, plums, monkeypatch):
        import socket

        def refuse(*_):
            raise AssertionError("an import opened a connection")

        monkeypatch.setattr(socket, "create_connection", refuse)
        task = {"data": {"image": "http://169.254.169.254/latest/meta-data/a.jpg"}, "annotations": []}
        batch = run(plums, zipped(("tasks.json", json.dumps([task]))))
        assert reported(batch) == [(1, "file_missing")]

    @pytest.mark.parametrize(
        "task",
        [
            None, 7, "x", [], {}, {"data": None}, {"data": {"image": 5}},
            {"data": {"image": "a.jpg"}, "annotations": 3},
            {"data": {"image": "http://[::1"}},
            {"data": {"image": "a.jpg"}, "annotations": [None, {"result": None}, {"result": [{"type": "choices"}]}]},
            {"data": {"image": "a.jpg"}, "predictions": [1, {"score": "high", "result": [{"value": []}]}]},
        ],
    )  # fmt: skip
    def test_tasks_of_any_shape_are_taken_or_refused(self, plums, task):
        batch = run(plums, bundle(["a.jpg"], ("tasks.json", json.dumps([task]))), form="label_studio")
        assert (batch.state, batch.received + batch.refused) == ("done", 1)


class TestDoccano:
    @pytest.mark.parametrize(("name", "source"), [("all.jsonl", "doccano"), ("admin.jsonl", "doccano admin")])
    def test_real_exports(self, plums, name, source):
        """A file that bears a member's name is that member's; two neighbouring labels lie between."""
        lines = (DATA / "doccano" / name).read_bytes()
        batch = run(plums, bundle(BEFORE, (name, lines)), label_use="prior", label_source="doccano")
        assert (batch.state, batch.total, batch.received, reported(batch)) == ("done", 4, 4, [])
        assert said() == [
            ("tree 1.jpg", source, "stage", "green-bud"),
            ("ciruelo ñ.jpg", source, "stage", "full-bloom"),
            ("c.jpg", source, "between", "full-bloom"),
        ]
        assert Annotation.objects.get(photo__original_name="ciruelo ñ.jpg").note == "late frost"

    def test_labels_far_apart_are_refused(self, plums):
        line = '{"id": 1, "filename": "a.jpg", "label": ["Green bud", "Fruit set"]}\n'
        batch = run(plums, bundle(["a.jpg"], ("all.jsonl", line)), label_use="prior", label_source="doccano")
        assert reported(batch) == [(1, "label_ambiguous")]
        assert not Photo.objects.exists()


class TestCoco:
    def coco(self, *annotations, **image):
        return json.dumps(
            {
                "annotations": list(annotations),  # before the images: order in a file means nothing
                "images": [{"id": 7, "file_name": "a.jpg", **image}],
                "categories": [{"id": 1, "name": "Green bud"}, {"id": 2, "name": "fruit-set"}],
            }
        )

    def test_boxes_of_one_category_are_one_label(self, plums):
        boxes = [{"image_id": 7, "category_id": 1, "bbox": [n, 0, 1, 1]} for n in range(3)]
        run(plums, bundle(["train/a.jpg"], ("annotations/train.json", self.coco(*boxes))), label_use="gold")
        assert KnownLabel.objects.get().stage.slug == "green-bud"

    def test_boxes_of_several_categories_are_ambiguous(self, plums):
        boxes = [{"image_id": 7, "category_id": n} for n in (1, 2)]
        batch = run(plums, bundle(["a.jpg"], ("coco.json", self.coco(*boxes))), label_use="gold")
        assert reported(batch) == [(1, "label_ambiguous")]

    @pytest.mark.parametrize("text", ['{"images": [', '{"images": 5}', '{"images": [{"id": 1}]} x', "{" * 5000])
    def test_damaged_files_are_unusable(self, plums, text):
        with pytest.raises(SourceUnusable) as unusable:
            source_of_upload(zipped(("coco.json", text)), "coco")
        assert unusable.value.code in {"json_damaged", "source_unknown"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Dripping(io.StringIO):
    """Gives little at a time, so that every value is cut somewhere."""

    def read(self, size=-1):
        return super().read(min(size, 3) if size > 0 else size)


@given(st.lists(json_values, max_size=6), st.sampled_from([None, 1]))
def test_items_are_those_of_the_standard_library(items, indent):
    assert list(list_items(Dripping(json.dumps(items, indent=indent)))) == items


@given(st.dictionaries(st.text(), json_values, max_size=4), st.lists(json_values, max_size=4))
def test_entries_are_those_of_the_standard_library(rest, items):
    rest.pop("images", None)
    entries = list(object_entries(Dripping(json.dumps({**rest, "images": items})), lists=frozenset({"images"})))
    assert entries == [*rest.items(), *(("images", item) for item in items)]


@given(st.text(alphabet='[]{},:"1e\\u x', max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        read = list(list_items(io.StringIO(text)))
    except JsonUnreadable:
        read = None
    assert read == a_list_or_nothing(text)


def a_list_or_nothing(text):
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, list) else None
