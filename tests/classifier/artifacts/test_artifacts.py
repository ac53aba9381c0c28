import json
import zipfile

import pytest

from classifier.artifacts import (
    MANIFEST,
    Corrupt,
    Incompatible,
    file_sha256,
    pack,
    read_manifest,
    unpack,
    write_manifest,
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "model"
    (folder / "member").mkdir(parents=True)
    (folder / "member" / "weights.bin").write_bytes(b"\x00\x01" * 5000)
    (folder / "notes.txt").write_text("hello")
    write_manifest(folder, kind="ensemble", metadata={"temperature": 1.5})
    return folder


def test_round_trip_keeps_every_byte(folder, tmp_path):
    digest = pack(folder, tmp_path / "model.zip")
    manifest = unpack(tmp_path / "model.zip", tmp_path / "again", sha256=digest, kind="ensemble")
    assert manifest.metadata == {"temperature": 1.5}
    assert (tmp_path / "again" / "member" / "weights.bin").read_bytes() == b"\x00\x01" * 5000
    assert not list(tmp_path.glob("*.part"))


def test_same_folder_gives_the_same_archive(folder, tmp_path):
    assert pack(folder, tmp_path / "a.zip") == pack(folder, tmp_path / "b.zip")


def test_unpacking_replaces_what_was_there(folder, tmp_path):
    digest = pack(folder, tmp_path / "model.zip")
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "stale").write_text("old")
    unpack(tmp_path / "model.zip", tmp_path / "again", sha256=digest, kind="ensemble")
    assert not (tmp_path / "again" / "stale").exists()


@pytest.mark.parametrize("damage", ["change", "remove", "no manifest", "not json", "no files"])
def test_damage_is_corrupt(folder, damage):
    if damage == "change":
        (folder / "notes.txt").write_text("hullo")
    elif damage == "remove":
        (folder / "notes.txt").unlink()
    elif damage == "no manifest":
        (folder / MANIFEST).unlink()
    elif damage == "not json":
        (folder / MANIFEST).write_text("{")
    else:
        given = json.loads((folder / MANIFEST).read_text())
        del given["files"]
        (folder / MANIFEST).write_text(json.dumps(given))
    with pytest.raises(Corrupt):
        read_manifest(folder, kind="ensemble")


def test_another_version_or_kind_is_incompatible(folder):
    with pytest.raises(Incompatible):
        read_manifest(folder, kind="backbone")
    given = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**given, "format_version": 99}))
    with pytest.raises(Incompatible):
        read_manifest(folder, kind="ensemble")


def test_a_flipped_bit_in_the_archive_is_corrupt(folder, tmp_path):
    archive = tmp_path / "model.zip"
    digest = pack(folder, archive)
    data = bytearray(archive.read_bytes())
    data[100] ^= 1
    archive.write_bytes(bytes(data))
    with pytest.raises(Corrupt):
        unpack(archive, tmp_path / "again", sha256=digest, kind="ensemble")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:evil"])
def test_names_cannot_lead_outside(tmp_path, name):
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr(zipfile.ZipInfo(name), b"x")
    with pytest.raises(Corrupt, match="outside"):
        unpack(archive, tmp_path / "inside" / "model", sha256=file_sha256(archive), kind="ensemble")
    assert [path.name for path in tmp_path.rglob("*evil*")] == ["evil.zip"]


def test_a_manifest_cannot_point_outside(folder, tmp_path):
    (tmp_path / "secret").write_text("s")
    given = json.loads((folder / MANIFEST).read_text())
    given["files"]["../secret"] = file_sha256(tmp_path / "secret")
    (folder / MANIFEST).write_text(json.dumps(given))
    with pytest.raises(Corrupt, match="outside"):
        read_manifest(folder, kind="ensemble")


def test_compressed_archives_are_refused(tmp_path):
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("zeros", b"\0" * 1_000_000)
    with pytest.raises(Corrupt, match="not packed"):
        unpack(archive, tmp_path / "model", sha256=file_sha256(archive), kind="ensemble")
