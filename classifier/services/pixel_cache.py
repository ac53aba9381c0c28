"""Squares that this machine decoded before, so that a pool that is scored again is not decoded again.

After every promotion each photo of the pool is scored by the new version, from the same pixels as by the last one. A
block holds the squares of one scored chunk: 32 bytes of hash for each photo, then their pixels. Blocks appear by one
rename and never change, so any number of processes may read and write them without a lock; two that decode the same
photos at once both keep them, which costs space and nothing else.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from threading import Lock
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import PIL
import structlog

logger = structlog.get_logger(__name__)

DECODING = 1
"""Counts up when squares are cut or scaled in another way."""
KEPT_BYTES = 4 * 2**30
"""Most that is kept in all: 350,000 photos of 64 pixels."""
FREE_SHARE = 0.1
"""Of the disk; nothing is kept beyond."""
IDLE_SECONDS = 7 * 86400.0
"""Blocks that were used since are not replaced. A pool too large to be kept is read from one end to the other, and
replacing what was used longest ago would always drop what is asked next."""
_HASH_BYTES = 32

Pixels = npt.NDArray[np.uint8]


def blocks_drop(root: Path, *, present: Callable[[Sequence[str]], Collection[str]]) -> int:
    """Delete every block, of any size, with a photo that is gone; its other photos are decoded again when asked for.

    Args:
        root: as ``PixelCache.folder``.
        present: of these hashes, those whose photo is still there.

    Returns:
        How many blocks.
    """
    dropped = 0
    for path in root.glob("*/*.block"):
        try:
            sha256s = _block_hashes(path, int(path.parent.name.split("-")[0]))
        except OSError:  # another process has just made room
            continue
        if not set(present(sha256s)).issuperset(sha256s):
            path.unlink(missing_ok=True)
            dropped += 1
    return dropped


def _block_hashes(path: Path, size: int) -> list[str]:
    n = path.stat().st_size // (_HASH_BYTES + size**2 * 3)
    with path.open("rb") as file:
        hashes = file.read(n * _HASH_BYTES)
    return [hashes[start : start + _HASH_BYTES].hex() for start in range(0, len(hashes), _HASH_BYTES)]


class PixelCache:
    """Squares of one size.

    Args:
        folder: of all sizes; may be wiped whenever nothing runs.
        size: pixels.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._root = folder
        self._folder = folder / f"{size}-{DECODING}-pillow-{PIL.__version__}"
        self._size = size
        self._rows: dict[bytes, tuple[str, int]] = {}
        self._blocks: dict[str, list[bytes]] = {}
        self._lock = Lock()

    def fill(self, pixels: Pixels, sha256s: Sequence[str]) -> list[int]:
        """Copy the squares that are kept into ``pixels`` (n, size, size, 3); returns the rows that are not."""
        with self._lock:
            self._look()
            return self._copied(pixels, sha256s)

    def _copied(self, pixels: Pixels, sha256s: Sequence[str]) -> list[int]:
        wanted: dict[str, list[tuple[int, int]]] = {}
        missing = []
        for row, sha256 in enumerate(sha256s):
            found = self._rows.get(bytes.fromhex(sha256))
            if found is None:
                missing.append(row)
            else:
                wanted.setdefault(found[0], []).append((row, found[1]))
        for name, places in wanted.items():
            rows, there = (np.array(side) for side in zip(*places, strict=True))
            try:
                pixels[rows] = self._squares(name)[there]
                os.utime(self._folder / name)
            except OSError:  # another process has just made room
                missing.extend(rows.tolist())
        return sorted(missing)

    def keep(self, pixels: Pixels, sha256s: Sequence[str]) -> bool:
        """Keep squares (n, size, size, 3) as one block; False where there is no room."""
        hashes = b"".join(bytes.fromhex(sha256) for sha256 in sha256s)
        if not hashes or not self._make_room(len(hashes) + pixels.nbytes):
            return False
        part = self._folder / f"{uuid4().hex}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("xb") as file:
                file.write(hashes)
                file.write(np.ascontiguousarray(pixels).data)
                file.flush()
                os.fsync(file.fileno())  # else a machine that loses power may show a block of zeros
            part.replace(part.with_suffix(".block"))
        except OSError as error:
            part.unlink(missing_ok=True)
            logger.warning("pixels_not_kept", error=str(error))
            return False
        return True

    def _look(self) -> None:
        """Learn of blocks that came, and forget those that went."""
        names = {path.name for path in self._folder.glob("*.block")}
        for name in self._blocks.keys() - names:
            for key in self._blocks.pop(name):
                if self._rows.get(key, ("", 0))[0] == name:
                    del self._rows[key]
        for name in names - self._blocks.keys():
            try:
                keys = [bytes.fromhex(sha256) for sha256 in _block_hashes(self._folder / name, self._size)]
            except OSError:
                continue
            self._blocks[name] = keys
            self._rows.update((key, (name, row)) for row, key in enumerate(keys))

    def _squares(self, name: str) -> Pixels:
        n = len(self._blocks[name])
        shape = (n, self._size, self._size, 3)
        return np.memmap(self._folder / name, np.uint8, "r", offset=n * _HASH_BYTES, shape=shape)

    def _make_room(self, n_bytes: int) -> bool:
        """Drop blocks that have long been idle until as many bytes may be added; False when that is not enough."""
        found = []
        for path in self._root.glob("*/*.block"):
            try:
                status = path.stat()
            except OSError:
                continue
            found.append((status.st_mtime, status.st_size, path))
        disk = shutil.disk_usage(self._root if self._root.exists() else self._root.parent)
        total = sum(size for _, size, _ in found)
        most = min(KEPT_BYTES, total + disk.free - FREE_SHARE * disk.total)
        idle = sorted(each for each in found if time.time() - each[0] > IDLE_SECONDS)
        while total + n_bytes > most and idle:
            _, size, path = idle.pop(0)
            path.unlink(missing_ok=True)
            total -= size
        return total + n_bytes <= most
