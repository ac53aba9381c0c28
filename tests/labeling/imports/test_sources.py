"""Folders, tables and archives, friendly and hostile."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from labeling.services import import_sources
from labeling.services.import_sources import CsvSource, FolderSource, SourceUnusable, ZipSource, source_of
from tests.labeling.imaging import corpus


def zipped(*entries, **options):
    """A ZIP of ``(name or ZipInfo, bytes)``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    out.seek(0)
    return out


def refusals(source):
    return {row.name: row.refused for row in source.rows()}


class TestFolder:
    def test_folders_are_labels_innermost_first(self, tmp_path):
        (tmp_path / "set" / "bud").mkdir(parents=True)
        (tmp_path / "set" / "bud" / "a.jpg").write_bytes(b"1")
        (tmp_path / "b.jpg").write_bytes(b"2")
        rows = list(FolderSource(tmp_path).rows())
        assert [(row.row, row.name, row.labels) for row in rows] == [
            (1, "b.jpg", ()),
            (2, "set/bud/a.jpg", ("bud", "set")),
        ]
        with rows[1].opener() as opened:
            assert opened.read() == b"1"

    @pytest.mark.parametrize(
        "name", [".DS_Store", "Thumbs.db", "notes.txt", "split.csv", ".git/a.jpg", "__MACOSX/a.jpg"]
    )
    def test_what_lies_beside_photos_is_left_out(self, tmp_path, name):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
        assert FolderSource(tmp_path).total == 0

    def test_a_link_out_of_the_folder_is_refused(self, tmp_path):
        (tmp_path / "secret").write_bytes(b"x")
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.jpg").symlink_to(tmp_path / "secret")
        assert refusals(FolderSource(tmp_path / "in")) == {"a.jpg": "unsafe_path"}


class TestCsv:
    def table(self, folder, text, encoding="utf-8"):
        (folder / "labels.csv").write_bytes(text.encode(encoding))
        return CsvSource(folder / "labels.csv")

    @pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "latin-1")])
    def test_columns_in_any_order_and_spelling_of_spreadsheets(self, tmp_path, delimiter, encoding):
        (tmp_path / "a.jpg").write_bytes(b"x")
        lines = [
            ["Label", "Path", "Plant", "site", "taken_at", "more"],
            ["ciruelo ñ", "a.jpg", "P1", "Huerto", "2026-04-01", "?"],
        ]
        source = self.table(tmp_path, "\r\n".join(delimiter.join(line) for line in lines), encoding)
        (row,) = source.rows()
        assert (row.row, row.name, row.labels, row.plant, row.site, row.taken_at, row.refused) == (
            2, "a.jpg", ("ciruelo ñ",), "P1", "Huerto", "2026-04-01", "",
        )  # fmt: skip

    @pytest.mark.parametrize("path", ["../secret.jpg", "/etc/passwd", "a/../../secret.jpg", ""])
    def test_paths_out_of_the_folder_are_refused(self, tmp_path, path):
        (tmp_path / "secret.jpg").write_bytes(b"x")
        (tmp_path / "in").mkdir()
        assert refusals(self.table(tmp_path / "in", f"path,label\n{path},bud\n")) == {path: "unsafe_path"}

    def test_missing_files_are_refused(self, tmp_path):
        assert refusals(self.table(tmp_path, "path\nnone.jpg\n")) == {"none.jpg": "file_missing"}

    @pytest.mark.parametrize(("text", "code"), [("label\nbud\n", "csv_no_path"), ("", "csv_no_path")])
    def test_a_table_without_paths_is_unusable(self, tmp_path, text, code):
        with pytest.raises(SourceUnusable) as unusable:
            self.table(tmp_path, text)
        assert unusable.value.code == code


class TestZip:
    def test_a_folder_per_class(self):
        source = ZipSource(zipped(("set/bud/a.jpg", b"1"), ("set/", b""), ("readme.txt", b"")))
        assert [(row.name, row.labels) for row in source.rows()] == [("set/bud/a.jpg", ("bud", "set"))]
        assert source.total == 1

    def test_a_table_inside(self):
        source = ZipSource(zipped(("labels.csv", "path,label\nx/a.jpg,bud\nb.jpg,bud\n"), ("x/a.jpg", b"1")))
        assert [(row.row, row.name, row.labels, row.refused) for row in source.rows()] == [
            (2, "x/a.jpg", ("bud",), ""),
            (3, "b.jpg", ("bud",), "file_missing"),
        ]

    @pytest.mark.parametrize(
        "name", ["../a.jpg", "bud/../../a.jpg", "/etc/a.jpg", "C:/a.jpg", "bud\\..\\..\\a.jpg", "\\\\host\\a.jpg"]
    )
    def test_names_that_lead_out_are_refused(self, name):
        assert set(refusals(ZipSource(zipped((name, b"x")))).values()) == {"unsafe_path"}

    def test_a_name_with_a_nul_is_refused(self):
        """``zipfile`` cuts names at NUL: what it then calls a.jpg was sent as something else."""
        data = zipped(("a.jpg#.exe", b"x")).getvalue().replace(b"a.jpg#.exe", b"a.jpg\x00.exe")
        assert refusals(ZipSource(io.BytesIO(data))) == {"a.jpg?.exe": "unsafe_path"}

    def test_links_are_refused(self):
        link = zipfile.ZipInfo("bud/a.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        assert refusals(ZipSource(zipped((link, b"/etc/passwd")))) == {"bud/a.jpg": "zip_link"}

    def test_encrypted_files_are_refused(self):
        data = bytearray(zipped(("a.jpg", b"x")).getvalue())
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.index(signature) + offset] |= 1
        assert refusals(ZipSource(io.BytesIO(bytes(data)))) == {"a.jpg": "zip_encrypted"}

    def test_a_file_packed_too_tightly_is_refused(self):
        source = ZipSource(zipped(("a.jpg", bytes(5 * 2**20)), compression=zipfile.ZIP_DEFLATED))
        assert refusals(source) == {"a.jpg": "zip_ratio"}

    def test_a_file_larger_than_a_photo_may_be_is_refused_unread(self):
        entry = zipped(("a.jpg", b"x")).getvalue()
        declared = entry.replace(
            (1).to_bytes(4, "little") + len("a.jpg").to_bytes(2, "little"),
            (2**31).to_bytes(4, "little") + len("a.jpg").to_bytes(2, "little"),
        )
        assert refusals(ZipSource(io.BytesIO(declared))) == {"a.jpg": "too_large"}

    @pytest.mark.parametrize(
        ("limit", "value", "code"), [("MAX_ENTRIES", 2, "zip_too_many"), ("MAX_TOTAL_BYTES", 10, "zip_too_large")]
    )
    def test_too_much_is_unusable(self, monkeypatch, limit, value, code):
        monkeypatch.setattr(import_sources, limit, value)
        with pytest.raises(SourceUnusable) as unusable:
            ZipSource(zipped(*[(f"{i}.jpg", b"12345") for i in range(3)]))
        assert unusable.value.code == code

    def test_a_damaged_archive_is_unusable(self):
        with pytest.raises(SourceUnusable) as unusable:
            ZipSource(io.BytesIO(zipped(("a.jpg", corpus.jpeg(1))).getvalue()[:-30]))
        assert unusable.value.code == "zip_damaged"


def test_the_kind_of_source_follows_from_the_path(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "table.csv").write_text("path\n")
    (tmp_path / "archive").write_bytes(zipped().getvalue())
    (tmp_path / "movie.mp4").write_bytes(b"")
    assert isinstance(source_of(tmp_path / "photos"), FolderSource)
    (tmp_path / "photos" / "labels.csv").write_text("path\n")
    assert isinstance(source_of(tmp_path / "photos"), CsvSource)
    assert isinstance(source_of(tmp_path / "table.csv"), CsvSource)
    assert isinstance(source_of(tmp_path / "archive"), ZipSource)
    for path in (tmp_path / "movie.mp4", tmp_path / "nowhere"):
        with pytest.raises(SourceUnusable):
            source_of(path)
