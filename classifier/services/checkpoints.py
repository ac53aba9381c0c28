"""A run's checkpoints: a folder of the machine that trains, mirrored to storage so that another machine can resume."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

from classifier.services.photo_arrays import work_folder


class CheckpointMirror:
    """The checkpoint folder of one run and its copy in storage.

    The trainer writes files by rename, so a file that is there is complete. A file is copied again when its size or
    time changed; what the trainer deleted locally is deleted in storage as well.
    """

    def __init__(self, run_id: int) -> None:
        self.folder = work_folder("runs", str(run_id), "checkpoints")
        self._prefix = f"checkpoints/{run_id}"
        self._seen: dict[str, tuple[int, int]] = {}

    def fetch(self) -> int:
        """Bring what storage has and this machine lacks; returns how many files came."""
        fetched = 0
        for name in _stored_files(self._prefix):
            target = self.folder / name
            if target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(target.name + ".part")
            try:
                with default_storage.open(f"{self._prefix}/{name}") as source, part.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
            fetched += 1
        return fetched

    def push(self) -> None:
        """Copy what changed since the last push."""
        local = {
            path.relative_to(self.folder).as_posix(): path for path in self.folder.rglob("*") if _is_complete(path)
        }
        for name, path in local.items():
            stat = path.stat()
            mark = (stat.st_size, stat.st_mtime_ns)
            if self._seen.get(name) == mark:
                continue
            _replace(f"{self._prefix}/{name}", path)
            self._seen[name] = mark
        for name in set(self._seen) - set(local):
            default_storage.delete(f"{self._prefix}/{name}")
            del self._seen[name]

    def drop(self) -> None:
        """Delete both copies, when the run is over for good."""
        for name in _stored_files(self._prefix):
            default_storage.delete(f"{self._prefix}/{name}")
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def _is_complete(path: Path) -> bool:
    return path.is_file() and path.suffix != ".part"


def _replace(key: str, path: Path) -> None:
    with path.open("rb") as stream:
        default_storage.save(key, File(stream))


def _stored_files(prefix: str) -> list[str]:
    """Names below ``prefix``, relative to it; none when there is no such folder."""
    try:
        folders, files = default_storage.listdir(prefix)
    except FileNotFoundError:
        return []
    names = [name for name in files if name]
    for folder in filter(None, folders):
        names += [f"{folder}/{name}" for name in _stored_files(f"{prefix}/{folder}")]
    return names
