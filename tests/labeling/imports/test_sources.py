"""Folders, tables and archives, friendly and hostile."""

from __future__ import annotations

import io
import stat
import unicodedata
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from labeling.services.import_formats import containers, records
from labeling.services.import_formats.class_folders import ClassFolders
from labeling.services.import_formats.containers import FolderContainer, ZipContainer, shown_name
from labeling.services.import_formats.detection import source_of, source_of_upload
from labeling.services.import_formats.rows import SourceUnusable
from labeling.services.import_formats.tables import Tables
from tests.labeling.imaging import corpus


def zipped(*entries, **options):
    """A ZIP of ``(name or ZipInfo, bytes)``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    out.seek(0)
    return out


def archive(*entries, form="auto", **options):
    return source_of_upload(zipped(*entries, **options), form)


def refusals(source):
    return {row.name: row.refused for row in source.rows()}


class TestFolder:
    def test_folders_are_labels_innermost_first(self, tmp_path):
        (tmp_path / "set" / "bud").mkdir(parents=True)
        (tmp_path / "set" / "bud" / "a.jpg").write_bytes(b"1")
        (tmp_path / "b.jpg").write_bytes(b"2")
        rows = list(source_of(tmp_path).rows())
        assert [(row.row, row.name, row.labels) for row in rows] == [
            (1, "b.jpg", ()),
            (2, "set/bud/a.jpg", ("bud", "set")),
        ]
        with rows[1].opener() as opened:
            assert opened.read() == b"1"

    @pytest.mark.parametrize(
        "name", [".DS_Store", "Thumbs.db", "notes.txt", "split.csv", ".git/a.jpg", "__MACOSX/a.jpg", "label.xml"]
    )
    def test_what_lies_beside_photos_is_left_out(self, tmp_path, name):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
        assert ClassFolders(FolderContainer(tmp_path)).total == 0

    def test_a_link_out_of_the_folder_is_refused(self, tmp_path):
        (tmp_path / "secret").write_bytes(b"x")
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.jpg").symlink_to(tmp_path / "secret")
        assert refusals(source_of(tmp_path / "in")) == {"a.jpg": "unsafe_path"}

    def test_a_table_that_is_a_link_out_of_the_folder_is_not_read(self, tmp_path):
        (tmp_path / "secret.csv").write_text("path,label\nx,root\n")
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "labels.csv").symlink_to(tmp_path / "secret.csv")
        with pytest.raises(SourceUnusable) as unusable:
            source_of(tmp_path / "in")
        assert unusable.value.code == "unsafe_path"


class TestTables:
    def table(self, folder, text, encoding="utf-8", name="labels.csv"):
        (folder / name).write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        return source_of(folder / name)

    @pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "latin-1")])
    def test_columns_in_any_order_and_spelling_of_spreadsheets(self, tmp_path, delimiter, encoding):
        (tmp_path / "a.jpg").write_bytes(b"x")
        lines = [
            ["Label", "Path", "Plant", "site", "taken_at", "more"],
            ["ciruelo ñ", "a.jpg", "P1", "Huerto", "2026-04-01", "?"],
        ]
        source = self.table(tmp_path, "\r\n".join(delimiter.join(line) for line in lines), encoding)
        (row,) = source.rows()
        assert (row.row, row.name, row.statements[0].labels, row.plant, row.site, row.taken_at, row.refused) == (
            2, "a.jpg", ("ciruelo ñ",), "P1", "Huerto", "2026-04-01", "",
        )  # fmt: skip

    def test_json_lines(self, tmp_path):
        (tmp_path / "a.jpg").write_bytes(b"x")
        line = '{"file_name":"a.jpg","label":"bud","plant":7,"more":{"x":[1]},"is_gold":true}\n\n'
        (row,) = self.table(tmp_path, line, name="metadata.jsonl").rows()
        assert (row.row, row.refused, row.plant) == (1, "", "7")
        assert (row.statements[0].labels, row.statements[0].is_gold) == (("bud",), True)

    def test_parquet(self, tmp_path):
        (tmp_path / "a.jpg").write_bytes(b"x")
        table = pa.table({"path": ["a.jpg", "a.jpg"], "stage": ["bud", None], "taken_at": ["2026-04-01", None]})
        pq.write_table(table, tmp_path / "labels.parquet")
        one, other = source_of(tmp_path / "labels.parquet").rows()
        assert (one.statements[0].labels, one.taken_at, other.statements) == (("bud",), "2026-04-01", ())

    def test_a_parquet_bomb_is_not_unfolded(self, tmp_path, monkeypatch):
        """One long value, named by every row: small in the file, larger than memory when written out."""
        monkeypatch.setattr(records, "MAX_CELL", 1_000)
        long = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000), pa.array(["x" * 10_000]))
        pq.write_table(pa.table({"path": long}), tmp_path / "labels.parquet")
        with pytest.raises(SourceUnusable) as unusable:
            list(source_of(tmp_path / "labels.parquet").rows())
        assert unusable.value.code == "parquet_damaged"

    @pytest.mark.parametrize("path", ["../secret.jpg", "/etc/passwd", "a/../../secret.jpg", ""])
    def test_paths_out_of_the_folder_are_refused(self, tmp_path, path):
        (tmp_path / "secret.jpg").write_bytes(b"x")
        (tmp_path / "in").mkdir()
        assert refusals(self.table(tmp_path / "in", f"path,label\n{path},bud\n")) == {path: "unsafe_path"}

    def test_missing_files_are_refused(self, tmp_path):
        assert refusals(self.table(tmp_path, "path\nnone.jpg\n")) == {"none.jpg": "file_missing"}

    def test_a_photo_may_be_named_by_its_hash(self, tmp_path):
        (row,) = self.table(tmp_path, f"sha256,label\n{'A' * 64},bud\n").rows()
        assert (row.opener, row.sha256, row.refused) == (None, "a" * 64, "")

    def test_names_are_found_however_their_accents_are_spelled(self, tmp_path):
        """macOS takes letters and accents apart; tables from elsewhere do not."""
        (tmp_path / unicodedata.normalize("NFD", "ñandú.jpg")).write_bytes(b"x")
        (row,) = self.table(tmp_path, "path\nñandú.jpg\n").rows()
        assert row.refused == ""
        with row.opener() as opened:
            assert opened.read() == b"x"

    def test_formulas_that_were_made_neutral_come_back(self, tmp_path):
        (tmp_path / "a.jpg").write_bytes(b"x")
        (row,) = self.table(tmp_path, "path,plant,note,label\na.jpg,'=P1,'@x,bud\n").rows()
        assert (row.plant, row.statements[0].note) == ("=P1", "@x")

    @pytest.mark.parametrize(
        ("text", "name", "code"),
        [
            ("label\nbud\n", "labels.csv", "csv_no_path"),
            ("", "labels.csv", "csv_no_path"),
            ('{"label": "bud"}\n', "labels.jsonl", "csv_no_path"),
            ('{"path": \n', "labels.jsonl", "jsonl_damaged"),
            ("[1]\n", "labels.jsonl", "jsonl_damaged"),
            ('{"path": "' + "x" * 2**20 + '"}', "labels.jsonl", "jsonl_damaged"),
            ("{" + '"a":{' * 3000 + "}" * 3001, "labels.jsonl", "jsonl_damaged"),
            (b"PAR1 and nothing of the kind PAR1", "labels.parquet", "parquet_damaged"),
            ('path\n"' + "x" * 200_000 + '"\n', "labels.csv", "csv_damaged"),
        ],
    )
    def test_a_table_that_cannot_be_read_is_unusable(self, tmp_path, text, name, code):
        with pytest.raises(SourceUnusable) as unusable:
            list(self.table(tmp_path, text, name=name).rows())
        assert unusable.value.code == code

    def test_too_many_rows(self, tmp_path, monkeypatch):
        monkeypatch.setattr(records, "MAX_ENTRIES", 2)
        with pytest.raises(SourceUnusable) as unusable:
            self.table(tmp_path, "path\na\nb\nc\n")
        assert unusable.value.code == "csv_too_many"

    def test_a_large_table_is_not_held(self, tmp_path):
        import tracemalloc

        (tmp_path / "labels.csv").write_text("path,label,note\n" + f"a.jpg,bud,{'x' * 200}\n" * 20_000)
        tracemalloc.start()
        source = source_of(tmp_path / "labels.csv")
        for _ in source.rows():
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert source.total == 20_000
        assert peak < 3 * 2**20, "the file has more than four"


class TestImageFolder:
    def test_as_hugging_face_has_it(self, tmp_path):
        """Splits with a metadata file each; the class is the folder where the metadata has none."""
        for split in ("train", "test"):
            (tmp_path / split / "bud").mkdir(parents=True)
            (tmp_path / split / "bud" / "a.jpg").write_bytes(split.encode())
        (tmp_path / "train" / "metadata.jsonl").write_text('{"file_name": "bud/a.jpg", "text": "a bud"}\n')
        (tmp_path / "test" / "metadata.csv").write_text("file_name,label\nbud/a.jpg,flower\n")
        test, train = source_of(tmp_path).rows()
        assert (train.labels, train.statements) == (("bud",), ())
        assert test.statements[0].labels == ("flower",)
        with train.opener() as opened:
            assert opened.read() == b"train"


class TestZip:
    def test_a_folder_per_class(self):
        source = archive(("set/bud/a.jpg", b"1"), ("set/", b""), ("readme.txt", b""))
        assert [(row.name, row.labels) for row in source.rows()] == [("set/bud/a.jpg", ("bud", "set"))]
        assert source.total == 1

    def test_a_table_inside(self):
        source = archive(("labels.csv", "path,label\nx/a.jpg,bud\nb.jpg,bud\n"), ("x/a.jpg", b"1"))
        assert [(row.row, row.name, row.statements[0].labels, row.refused) for row in source.rows()] == [
            (2, "x/a.jpg", ("bud",), ""),
            (3, "b.jpg", ("bud",), "file_missing"),
        ]

    def test_a_table_in_a_folder_names_paths_of_its_folder(self):
        source = archive(("set/labels.csv", "path,label\na.jpg,bud\n"), ("set/a.jpg", b"1"), ("a.jpg", b"2"))
        (row,) = source.rows()
        with row.opener() as opened:
            assert opened.read() == b"1"

    @pytest.mark.parametrize(
        "name", ["../a.jpg", "bud/../../a.jpg", "/etc/a.jpg", "C:/a.jpg", "bud\\..\\..\\a.jpg", "\\\\host\\a.jpg"]
    )
    def test_names_that_lead_out_are_refused(self, name):
        assert set(refusals(archive((name, b"x"))).values()) == {"unsafe_path"}

    def test_a_table_cannot_name_them_either(self):
        source = archive(("labels.csv", "path\n../a.jpg\n"), ("../a.jpg", b"x"))
        assert refusals(source) == {"../a.jpg": "unsafe_path"}

    def test_a_name_with_a_nul_is_refused(self):
        """``zipfile`` cuts names at NUL: what it then calls a.jpg was sent as something else."""
        data = zipped(("a.jpg#.exe", b"x")).getvalue().replace(b"a.jpg#.exe", b"a.jpg\x00.exe")
        assert refusals(source_of_upload(io.BytesIO(data))) == {"a.jpg?.exe": "unsafe_path"}

    def test_names_are_shown_without_what_fools_a_reader(self):
        assert shown_name("photo_\u202egpj.exe") == "photo_?gpj.exe"
        assert refusals(archive(("🌸/ñ\u202e.jpg", b"x"))) == {"🌸/ñ?.jpg": ""}

    def test_links_are_refused(self):
        link = zipfile.ZipInfo("bud/a.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        assert refusals(archive((link, b"/etc/passwd"))) == {"bud/a.jpg": "zip_link"}

    def test_encrypted_files_are_refused(self):
        data = bytearray(zipped(("a.jpg", b"x")).getvalue())
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.index(signature) + offset] |= 1
        assert refusals(source_of_upload(io.BytesIO(bytes(data)))) == {"a.jpg": "zip_encrypted"}

    def test_a_file_packed_too_tightly_is_refused(self):
        source = archive(("a.jpg", bytes(5 * 2**20)), compression=zipfile.ZIP_DEFLATED)
        assert refusals(source) == {"a.jpg": "zip_ratio"}

    def test_a_table_packed_too_tightly_is_unusable(self):
        with pytest.raises(SourceUnusable) as unusable:
            archive(("labels.csv", b"path\n" + b"a" * 20 * 2**20), compression=zipfile.ZIP_DEFLATED)
        assert unusable.value.code == "zip_ratio"

    def test_a_file_larger_than_a_photo_may_be_is_refused_unread(self):
        entry = zipped(("a.jpg", b"x")).getvalue()
        declared = entry.replace(
            (1).to_bytes(4, "little") + len("a.jpg").to_bytes(2, "little"),
            (2**31).to_bytes(4, "little") + len("a.jpg").to_bytes(2, "little"),
        )
        assert refusals(source_of_upload(io.BytesIO(declared))) == {"a.jpg": "too_large"}

    @pytest.mark.parametrize(
        ("limit", "value", "code"), [("MAX_ENTRIES", 2, "zip_too_many"), ("MAX_TOTAL_BYTES", 10, "zip_too_large")]
    )
    def test_too_much_is_unusable(self, monkeypatch, limit, value, code):
        monkeypatch.setattr(containers, limit, value)
        with pytest.raises(SourceUnusable) as unusable:
            ZipContainer(zipped(*[(f"{i}.jpg", b"12345") for i in range(3)]))
        assert unusable.value.code == code

    def test_a_damaged_archive_is_unusable(self):
        with pytest.raises(SourceUnusable) as unusable:
            ZipContainer(io.BytesIO(zipped(("a.jpg", corpus.jpeg(1))).getvalue()[:-30]))
        assert unusable.value.code == "zip_damaged"

    def test_other_json_files_in_it_are_left_alone(self):
        source = archive(("a.jpg", b"1"), ("a.json", '{"camera": "X1"}'), ("log.jsonl", '{"x": 1}\n'))
        assert isinstance(source, ClassFolders)


def test_the_kind_of_source_follows_from_the_path(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "table.csv").write_text("path\n")
    (tmp_path / "archive").write_bytes(zipped().getvalue())
    (tmp_path / "movie.mp4").write_bytes(b"")
    assert isinstance(source_of(tmp_path / "photos"), ClassFolders)
    (tmp_path / "photos" / "labels.csv").write_text("path\n")
    assert isinstance(source_of(tmp_path / "photos"), Tables)
    assert isinstance(source_of(tmp_path / "photos", "folders"), ClassFolders)
    assert isinstance(source_of(tmp_path / "table.csv"), Tables)
    assert isinstance(source_of(tmp_path / "archive"), ClassFolders)
    for path in (tmp_path / "movie.mp4", tmp_path / "nowhere"):
        with pytest.raises(SourceUnusable):
            source_of(path)


def test_what_is_not_there_cannot_be_asked_for(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"1")
    with pytest.raises(SourceUnusable) as unusable:
        source_of(tmp_path, "coco")
    assert unusable.value.code == "source_unknown"
