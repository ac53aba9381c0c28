"""The contract that every format keeps, and what is particular to each."""

from __future__ import annotations

import csv
import io
import itertools
import json
import tracemalloc
import zipfile
from datetime import date, datetime

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labeling.domain.dataset import COLUMNS, DatasetRow, canonical_line, cells
from labeling.domain.dataset_card import DatasetTally
from labeling.domain.errors import DomainError
from labeling.services.export_formats import bundles, coco, parquet
from labeling.services.export_formats.catalogue import FORMATS, Written, export_card, export_chunks, format_named
from labeling.services.export_formats.contract import CHUNK_BYTES
from tests.labeling.exports.rows import HEADER, STAGES, datasets, labels, photos

JPEG, WEBP = (b"\xff\xd8photo", "jpg"), (b"RIFFphoto", "webp")


@pytest.fixture
def small_buffers(monkeypatch):
    """Files go to the disk early, so that what would stay in memory shows with few rows."""
    monkeypatch.setattr(coco, "SPOOL_BYTES", 4_096)
    monkeypatch.setattr(bundles, "SPOOL_BYTES", 4_096)
    monkeypatch.setattr(bundles, "SHARD_BYTES", 65_536)
    monkeypatch.setattr(parquet, "GROUP_ROWS", 100)


def exported(name, rows, *, photos="none", file=JPEG, outcome=None):
    spec = FORMATS[name]
    with_files = ((row, None if photos == "none" else file) for row in rows)
    return export_chunks(spec, header=HEADER, photos=photos, rows=with_files, outcome=outcome or Written())


def whole(name, rows, **options):
    return b"".join(exported(name, rows, **options))


def archive(name, rows, **options):
    return zipfile.ZipFile(io.BytesIO(whole(name, rows, **options)))


#: One test function runs for every class that inherits it, which Hypothesis asks to be told.
inherited = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.differing_executors])


class FormatContract:
    """What every format must keep; a class per format inherits it and says how its rows are read back.

    ``n_rows(data, archive)`` counts the labels in what was written, by an independent reader.
    """

    name = ""

    def n_rows(self, data: bytes) -> int:
        raise NotImplementedError

    def rows_that_belong(self, rows: list[DatasetRow]) -> list[DatasetRow]:
        return rows

    def default_photos(self) -> str:
        return FORMATS[self.name].photos[0]

    def suite(self, rows, **options):
        return whole(self.name, rows, photos=self.default_photos(), **options)

    @inherited
    @given(rows=datasets())
    def test_every_row_is_there(self, rows):
        assert self.n_rows(self.suite(rows)) == len(self.rows_that_belong(rows))

    @inherited
    @given(rows=datasets())
    def test_the_same_rows_give_the_same_bytes(self, rows):
        assert self.suite(rows) == self.suite(rows)

    @inherited
    @given(rows=datasets())
    def test_the_content_hash_depends_on_the_rows_alone(self, rows):
        outcome, expected = Written(), DatasetTally()
        self.suite(rows, outcome=outcome)
        for row in self.rows_that_belong(rows):
            expected.add(row)
        assert outcome.tally.content_sha256 == expected.content_sha256
        assert outcome.tally.n_rows == len(self.rows_that_belong(rows))

    def test_nothing_is_a_valid_file(self):
        assert self.n_rows(self.suite([])) == 0

    def test_rows_are_read_as_the_bytes_are_wanted(self, small_buffers):
        """The first bytes come before the last row is asked for: nothing waits for the whole."""
        seen = itertools.count()
        rows = (row for row in many_rows(2_000) if next(seen) >= 0)
        chunks = exported(self.name, rows, photos=self.default_photos())
        next(chunks)
        assert next(seen) < 2_000

    def test_memory_does_not_grow_with_the_rows(self, small_buffers):
        """Four times the rows may cost the directory of a ZIP (1.5 kB a photo, at most one per row) and no more."""
        peaks = []
        for n in (500, 2_000):
            tracemalloc.start()
            for _ in exported(self.name, many_rows(n), photos=self.default_photos()):
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < peaks[0] + 1_500 * 1_500 / 2, peaks

    @pytest.mark.parametrize("photos", ["none", "model", "view", "original"])
    def test_photos_that_the_format_takes_and_no_others(self, photos):
        if photos in FORMATS[self.name].photos:
            assert format_named(self.name, unit=FORMATS[self.name].units[0], photos=photos)[1] == photos
        else:
            with pytest.raises(DomainError) as refused:
                format_named(self.name, unit=FORMATS[self.name].units[0], photos=photos)
            assert refused.value.code == "photos_unsupported"

    def test_the_card_tells_what_is_in_it(self):
        outcome = Written()
        rows = list(many_rows(8))
        self.suite(rows, outcome=outcome)
        card = export_card(FORMATS[self.name], header=HEADER, outcome=outcome)
        assert outcome.tally.content_sha256 in card
        assert "license: cc-by-4.0" in card
        assert "| 0 | `bud-swelling` | Bud swelling | Yema hinchada | 51-53 | " in card
        assert "Season 2025, labels by Thesis" in card
        assert "Ciruelos \\| \\<b\\>2026\\</b\\>" in card

    @pytest.mark.parametrize("photos", ["model", "view", "original"])
    def test_a_bundle_holds_each_photo_once_and_the_card(self, photos):
        if photos not in FORMATS[self.name].photos:
            pytest.skip("not a choice of this format")
        rows = list(many_rows(8))
        with archive(self.name, rows, photos=photos) as opened:
            assert opened.testzip() is None
            listed = opened.namelist()
            assert len(listed) == len(set(listed))
            assert b"Content hash" in opened.read("README.md")
            if self.name != "tfrecord":
                pictures = [entry for entry in listed if entry.endswith(".jpg")]
                assert len(pictures) == len({row.photo.photo_id for row in self.rows_that_belong(rows)})

    def test_a_photo_that_storage_lost_is_left_out_and_counted(self):
        photos = FORMATS[self.name].photos[-1]
        if photos == "none":
            pytest.skip("without photos")
        outcome, rows = Written(), self.rows_that_belong(list(many_rows(8)))
        lost = rows[0].photo.photo_id
        files = ((row, None if row.photo.photo_id == lost else JPEG) for row in rows)
        for _ in export_chunks(FORMATS[self.name], header=HEADER, photos=photos, rows=files, outcome=outcome):
            pass
        assert outcome.missing.photo_ids == {lost}
        assert outcome.tally.n_rows == sum(row.photo.photo_id != lost for row in rows)
        assert "Left out" in export_card(FORMATS[self.name], header=HEADER, outcome=outcome)


def many_rows(n: int):
    """``n`` rows, two per photo, of every kind; made as they are asked for."""
    from tests.labeling.exports.samples import sample_rows

    return sample_rows(n)


class TestCsv(FormatContract):
    name = "csv"

    def n_rows(self, data):
        return len(list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))))

    @given(rows=datasets(2))
    def test_no_cell_begins_like_a_formula(self, rows):
        for line in csv.reader(io.StringIO(whole("csv", rows).decode("utf-8-sig"), newline="")):
            for cell in line:
                is_number = cell.lstrip("-").replace(".", "", 1).replace("e-", "", 1).isdigit()
                assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))

    def test_columns(self):
        assert whole("csv", []).decode("utf-8-sig").strip().split(",") == list(COLUMNS)


class TestJsonLines(FormatContract):
    name = "jsonl"

    def n_rows(self, data):
        return len([json.loads(line) for line in data.decode().split("\n") if line])

    @given(rows=datasets(3))
    def test_its_hash_is_the_content_hash(self, rows):
        assert whole("jsonl", rows) == b"".join(map(canonical_line, rows))

    @given(rows=datasets(3))
    def test_values_come_back(self, rows):
        read = [json.loads(line) for line in whole("jsonl", rows).decode().split("\n") if line]
        assert [tuple(line[name] for name in COLUMNS) for line in read] == [cells(row) for row in rows]


class TestParquet(FormatContract):
    name = "parquet"

    def n_rows(self, data):
        return pq.read_table(io.BytesIO(data)).num_rows

    @settings(max_examples=30, deadline=None)
    @given(rows=datasets(3))
    def test_values_come_back(self, rows):
        read = pq.read_table(io.BytesIO(whole("parquet", rows))).to_pylist()
        for line, row in zip(read, rows, strict=True):
            expected = dict(zip(COLUMNS, cells(row), strict=True))
            for name in ("taken_at", "decided_at"):
                expected[name] = datetime.fromisoformat(expected[name]) if expected[name] else None
            assert line == expected

    def test_the_scale_is_in_the_metadata(self):
        metadata = pq.read_schema(io.BytesIO(whole("parquet", []))).metadata
        assert [stage["slug"] for stage in json.loads(metadata[b"stages"])] == [stage.slug for stage in STAGES]


class TestCoco(FormatContract):
    name = "coco"

    def n_rows(self, data):
        return len(json.loads(data)["annotations"])

    @given(rows=datasets())
    def test_images_once_and_annotations_refer_to_them(self, rows):
        read = json.loads(whole("coco", rows))
        assert [image["id"] for image in read["images"]] == sorted({row.photo.photo_id for row in rows})
        names = {category["id"]: category["name"] for category in read["categories"]}
        for annotation, row in zip(read["annotations"], rows, strict=True):
            assert annotation["image_id"] == row.photo.photo_id
            assert names[annotation["category_id"]] == (row.label.stage.slug if row.label.stage else row.label.kind)
            assert annotation["bbox"][2:] == [row.photo.width, row.photo.height]

    def test_sizes_are_those_of_the_files(self):
        row = next(iter(many_rows(1)))
        row = row._replace(photo=row.photo._replace(width=3200, height=1600))
        for choice, size in (("view", (1600, 800)), ("model", (512, 256)), ("original", (3200, 1600))):
            with archive("coco", [row], photos=choice) as opened:
                image = json.loads(opened.read("annotations.json"))["images"][0]
            assert (image["width"], image["height"]) == size
            assert image["file_name"] == f"photos/{row.photo.sha256}.jpg"


class TestLabelStudio(FormatContract):
    name = "label_studio"

    def n_rows(self, data):
        return sum(len(task["annotations"]) for task in json.loads(data))

    @given(rows=datasets())
    def test_one_task_per_photo_with_its_prediction(self, rows):
        tasks = json.loads(whole("label_studio", rows))
        by_photo = {row.photo.sha256: row for row in rows}
        assert [task["data"]["sha256"] for task in tasks] == list(by_photo)
        for task, row in zip(tasks, by_photo.values(), strict=True):
            assert [p["model_version"] for p in task["predictions"]] == ([row.model.version] if row.model else [])

    def test_the_interface_names_what_the_tasks_use(self):
        from xml.etree import ElementTree

        with archive("label_studio", list(many_rows(2)), photos="view") as opened:
            interface = ElementTree.fromstring(opened.read("label-studio.xml"))
        assert [choice.get("value") for choice in interface.iter("Choice")][: len(STAGES)] == [s.slug for s in STAGES]


class TestImageFolder(FormatContract):
    name = "image_folder"

    def rows_that_belong(self, rows):
        return [row for row in rows if row.label.kind == "stage"]

    def n_rows(self, data):
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            tables = [name for name in opened.namelist() if name.endswith("metadata.jsonl")]
            assert tables == ["test/metadata.jsonl", "train/metadata.jsonl"]
            return sum(len(opened.read(name).splitlines()) for name in tables)

    def test_classes_are_folders_and_held_out_photos_lie_apart(self):
        rows = [row for row in many_rows(60) if row.label.kind == "stage" and row.label.source == "annotator-0"]
        with archive("image_folder", rows, photos="view", file=WEBP) as opened:
            for split in ("train", "test"):
                for line in opened.read(f"{split}/metadata.jsonl").decode().splitlines():
                    record = json.loads(line)
                    assert record["file_name"] == f"{record['stage']}/{record['sha256']}.webp"
                    assert record["is_held_out"] == (split == "test")
                    assert opened.read(f"{split}/{record['file_name']}") == WEBP[0]

    def test_a_class_folder_has_one_label_per_photo(self):
        with pytest.raises(DomainError) as refused:
            format_named("image_folder", unit="annotation", photos="")
        assert refused.value.code == "unit_unsupported"


class TestTFRecord(FormatContract):
    name = "tfrecord"

    def n_rows(self, data):
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            return sum(
                len(list(records(opened.read(name)))) for name in opened.namelist() if name.endswith(".tfrecord")
            )

    def test_large_sets_are_cut_into_files(self, monkeypatch):
        monkeypatch.setattr(bundles, "SHARD_BYTES", 2_000)
        rows = list(many_rows(40))
        with archive("tfrecord", rows, photos="model") as opened:
            names = [name for name in opened.namelist() if name.endswith(".tfrecord")]
            assert len(names) > 4
            n_held_out = sum(len(list(records(opened.read(n)))) for n in names if n.startswith("test-"))
        assert n_held_out == sum(row.photo.is_held_out for row in rows)


def records(data: bytes):
    """The records of a TFRecord file, by the book: length, checksum, data, checksum."""
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 8], "little")
        yield data[at + 12 : at + 12 + length]
        at += 16 + length


class TestNpn(FormatContract):
    name = "npn"

    def n_rows(self, data):
        """All lines of an observation carry its number of photos; the formats' rows are photos here."""
        lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        return sum(int(line["Number_of_Photos"]) for line in lines) // len(STAGES)

    def rows_that_belong(self, rows):
        return [row for row in rows if row.photo.plant and row.photo.taken_at and row.label.kind != "unusable"]

    @inherited
    @given(rows=datasets())
    def test_the_content_hash_depends_on_the_rows_alone(self, rows):
        """The hash names all rows, also those that make no observation."""
        outcome, expected = Written(), DatasetTally()
        self.suite(rows, outcome=outcome)
        for row in rows:
            expected.add(row)
        assert outcome.tally.content_sha256 == expected.content_sha256

    @given(data=st.data())
    def test_status_of_each_stage(self, data):
        photo = data.draw(photos(1))._replace(plant="P", site="S", taken_at=datetime(2026, 4, 1, 9))
        told = [data.draw(labels("a"))._replace(source="a") for _ in range(data.draw(st.integers(1, 4)))]
        rows = [DatasetRow(photo, label, None) for label in told if label.kind != "unusable"]
        text = whole("npn", rows).decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(text, newline="")))
        seen = {label.stage.slug for label in told if label.kind == "stage"}
        torn = {s.slug for label in told if label.kind == "between" for s in (label.stage, label.stage_upper)}
        is_lost = not seen and not torn
        for line in lines:
            slug = line["Phenophase_ID"]
            expected = 1 if slug in seen else -1 if slug in torn or is_lost else 0
            assert int(line["Phenophase_Status"]) == expected
            assert line["Observation_Date"] == date(2026, 4, 1).isoformat()
            assert line["Day_of_Year"] == "91"


def test_every_format_has_its_tests():
    assert {cls.name for cls in FormatContract.__subclasses__()} == set(FORMATS)


@pytest.mark.parametrize(
    ("name", "unit", "photos", "code"),
    [
        ("xls", "consensus", "", "format_unknown"),
        ("csv", "day", "", "unit_unsupported"),
        ("npn", "consensus", "view", "photos_unsupported"),
    ],
)
def test_what_cannot_be_had_is_said(name, unit, photos, code):
    with pytest.raises(DomainError) as refused:
        format_named(name, unit=unit, photos=photos)
    assert refused.value.code == code


def test_chunks_are_neither_single_rows_nor_everything():
    sizes = [len(chunk) for chunk in exported("csv", many_rows(5_000))]
    assert max(sizes) < 2 * CHUNK_BYTES
    assert len(sizes) < 100


@pytest.mark.nn
def test_tensorflow_reads_the_records(tmp_path):
    """GIVEN a TFRecord export, WHEN TensorFlow reads it as the file beside it says, THEN every label comes back."""
    import tensorflow as tf

    rows = list(many_rows(12))
    with archive("tfrecord", rows, photos="model") as opened:
        opened.extractall(tmp_path)
    scope: dict = {}
    source = (tmp_path / "read.py").read_text().replace('"train-*.tfrecord"', repr(str(tmp_path / "*.tfrecord")))
    exec(source, scope)
    read = list(scope["train"])
    assert sorted(int(record["label"]) for record in read) == sorted(
        row.label.stage.position if row.label.stage else -1 for row in rows
    )
    assert {record["image/encoded"].numpy() for record in read} == {JPEG[0]}
    between = next(record for record in read if record["label/kind"].numpy() == b"between")
    assert tf.sparse.to_dense(between["target"]).numpy().sum() == pytest.approx(1)
