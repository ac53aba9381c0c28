"""Model files: a folder with a manifest, and the same folder as one archive.

Every file is listed with its SHA-256. A folder that does not match its manifest is `Corrupt`: fetch it again. One
that matches but was written by another version of the format is `Incompatible`: train again. Nothing is ever
unpickled, and no name in an archive can reach outside the folder it is unpacked into.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

#: History: 1 - members as subfolders, ensemble settings in the manifest's metadata.
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20


class ArtifactError(Exception):
    """A model file cannot be used."""


class Incompatible(ArtifactError):
    """It is sound, but of another format version or kind."""


class Corrupt(ArtifactError):
    """It is damaged, incomplete or not one of ours."""


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder holds.

    Args:
        kind: What it is, such as ``"ensemble"``.
        metadata: JSON of the writer's choice.
        files: Relative name to SHA-256.
        format_version: Of the layout.
    """

    kind: str
    metadata: dict[str, Any]
    files: dict[str, str]
    format_version: int = FORMAT_VERSION


def write_manifest(folder: Path, *, kind: str, metadata: Mapping[str, Any]) -> Manifest:
    """List every file of a folder with its hash; the last thing to do when writing one."""
    files = {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    manifest = Manifest(kind=kind, metadata=dict(metadata), files=files)
    _write_in_one_step(folder / MANIFEST, json.dumps(dataclasses.asdict(manifest), indent=2, sort_keys=True).encode())
    return manifest


def read_manifest(folder: Path, *, kind: str) -> Manifest:
    """Read and check a folder, every file of it.

    Raises:
        Incompatible: Another format version or kind.
        Corrupt: A file is missing, superfluous or changed, or the manifest cannot be read.
    """
    try:
        given = json.loads((folder / MANIFEST).read_bytes())
        version, found_kind = given["format_version"], given["kind"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Corrupt(f"{folder.name} has no readable manifest: {error}") from error
    if version != FORMAT_VERSION or found_kind != kind:
        raise Incompatible(f"{folder.name} is {found_kind} of format {version}, not {kind} of format {FORMAT_VERSION}")
    try:
        files = {str(name): str(digest) for name, digest in given["files"].items()}
        manifest = Manifest(kind=kind, metadata=dict(given["metadata"]), files=files)
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise Corrupt(f"{folder.name} has a manifest without its parts: {error}") from error
    for name, digest in manifest.files.items():
        path = folder / _safe_name(name)
        if path.is_symlink() or not path.is_file():
            raise Corrupt(f"{name} is missing from {folder.name}")
        if file_sha256(path) != digest:
            raise Corrupt(f"{name} in {folder.name} does not match its hash")
    return manifest


def pack(folder: Path, archive: Path) -> str:
    """Pack a folder with a manifest into one file; the same folder gives the same bytes.

    Args:
        folder: With a manifest.
        archive: Written to ``.part`` and renamed.

    Returns:
        SHA-256 of the archive.
    """
    part = archive.with_name(archive.name + ".part")
    archive.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as zipped:
                for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                    entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), date_time=_EPOCH)
                    with path.open("rb") as source, zipped.open(entry, "w", force_zip64=True) as target:
                        shutil.copyfileobj(source, target, _CHUNK)
            file.flush()
            os.fsync(file.fileno())
        part.replace(archive)
    finally:
        part.unlink(missing_ok=True)  # on a full disk, half an archive would keep it full
    return file_sha256(archive)


def unpack(archive: Path, folder: Path, *, sha256: str, kind: str) -> Manifest:
    """Unpack into a folder that appears complete or not at all.

    Args:
        archive: From `pack`.
        folder: Replaced if it exists.
        sha256: What `pack` returned.
        kind: Expected kind.

    Raises:
        Incompatible: Another format version or kind.
        Corrupt: Wrong hash, unreadable, or a name that leads outside.
    """
    if file_sha256(archive) != sha256:
        raise Corrupt(f"{archive.name} does not match its hash")
    with folder_in_one_step(folder) as part:
        _extract(archive, part)
        manifest = read_manifest(part, kind=kind)
    return manifest


@contextmanager
def folder_in_one_step(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into: it becomes `folder` when the block ends well, and vanishes when it raises.

    Args:
        folder: Replaced if it exists; left as it was when the block raises.

    Yields:
        A folder beside it.
    """
    # One process's own folder: two workers may write the same model at once, and the last rename wins.
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def file_sha256(path: Path) -> str:
    """Hash a file without loading it whole."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _extract(archive: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as zipped:
            for entry in zipped.infolist():
                target = folder / _safe_name(entry.filename)
                # Stored, so an entry unpacks to its own size and cannot fill the disk.
                if entry.compress_type != zipfile.ZIP_STORED or entry.is_dir():
                    raise Corrupt(f"{archive.name} was not packed by this product")
                target.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(entry) as source, target.open("xb") as file:
                    shutil.copyfileobj(source, file, _CHUNK)
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise Corrupt(f"{archive.name} cannot be unpacked: {error}") from error


def _safe_name(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        raise Corrupt(f"the file name {name!r} leads outside its folder")
    return path


def _write_in_one_step(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
