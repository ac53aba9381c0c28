"""Arrays in files, memory-mapped, on disks that may be full."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np


def array_on_disk(path: Path, shape: tuple[int, ...]) -> np.memmap[tuple[int, ...], np.dtype[np.uint8]]:
    """A new ``.npy`` file of bytes, mapped for writing, whose space on the disk is taken at once.

    A mapped file is sparse. Where the disk is full, a write into it ends the process by SIGBUS, which no one can catch
    and no log explains.

    Args:
        path: replaced if it exists.
        shape: of the array.

    Raises:
        OSError: ``ENOSPC``; the file is left for the caller to delete.
    """
    array: np.memmap[tuple[int, ...], np.dtype[np.uint8]] = np.lib.format.open_memmap(
        path, mode="w+", dtype=np.uint8, shape=shape
    )
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array
