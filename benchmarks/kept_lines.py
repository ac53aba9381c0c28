"""Finished parts of a long benchmark, a line of JSON each, so that a run that was ended goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Key = tuple[str | int, ...]


class KeptLines:
    """Measurements by key; each is on the disk before the next begins.

    Lines of other settings (other code, other photos) are passed over, and so is one that a kill cut short.

    Args:
        path: the file; made with its folder when there is something to keep.
        settings: hash of all that the measurements depend on besides their keys.
    """

    def __init__(self, path: Path, settings: str) -> None:
        self._path, self._settings = path, settings
        self._found: dict[Key, Any] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                kept = json.loads(line)
                if kept["settings"] == settings:
                    self._found[tuple(kept["key"])] = kept["value"]
            except (ValueError, TypeError, KeyError):
                continue

    def get(self, key: Key) -> Any:
        """The measurement, or None."""
        return self._found.get(key)

    def made(self, key: Key, measure: Callable[[], Mapping[str, Any]]) -> Any:
        """The measurement that was kept; else it is made and kept."""
        if key not in self._found:
            self._append(key, measure())
        return self._found[key]

    def _append(self, key: Key, value: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"settings": self._settings, "key": key, "value": value}, separators=(",", ":"))
        # A line that was cut short has no end of its own.
        is_cut = self._path.exists() and not self._path.read_bytes().endswith(b"\n")
        with self._path.open("a", encoding="utf-8") as file:
            file.write(("\n" if is_cut and self._path.stat().st_size else "") + line + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._found[key] = dict(value)


def settings_of(*parts: bytes | str, sources: Mapping[str, Path] | None = None) -> str:
    """Hash of what a measurement depends on; of ``sources`` the bytes of every file, or of the Python in a folder."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode() if isinstance(part, str) else part).digest())
    for name, source in sorted((sources or {}).items()):
        for path in [source] if source.is_file() else sorted(source.glob("*.py")):
            digest.update(f"{name}/{path.name}".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
