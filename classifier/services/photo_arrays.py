"""Photos as pixel arrays for networks, decoded from their ``model`` renditions in storage."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.core.files.storage import default_storage
from PIL import Image

from classifier.core.disk_arrays import array_on_disk
from classifier.services.outages import is_passing
from classifier.services.pixel_cache import PixelCache, blocks_drop
from labeling.domain.errors import DomainError
from labeling.models import Photo
from labeling.storage_keys import rendition_key

RENDITION = "model"
DECODE_CHUNK = 64
"""Photos decoded between two looks at whether to stop."""
UNUSED_SECONDS = 86400.0

Pixels = npt.NDArray[np.uint8]


def work_folder(*parts: str) -> Path:
    """A folder of this machine for work in progress; may be wiped whenever nothing runs."""
    folder: Path = settings.VAR_DIR.joinpath("work", *parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def photos_decode(*, sha256s: Sequence[str], size: int) -> Pixels:
    """Decode photos to squares of ``size`` pixels, in memory.

    Returns:
        uint8 of shape (n, size, size, 3), RGB.

    Raises:
        DomainError: ``rendition_missing`` when storage lacks a photo's rendition or it cannot be read.
    """
    pixels = np.empty((len(sha256s), size, size, 3), np.uint8)
    with _decoders() as decoders:
        _decode_into(pixels, sha256s, size, 0, decoders)
    return pixels


class PhotosAhead:
    """Photos that are decoded, once, while the first of them are looked at already.

    Stands in for an array uint8 (n, size, size, 3) that is read a slice at a time: a slice waits for its own photos
    only, so the network computes while threads decode what it will ask for next. Leaving the block ends them. What
    this machine kept of an earlier time is not decoded.

    Args:
        sha256s: Which, in order.
        size: Pixels.
        is_kept: Whether to keep what had to be decoded for the next time: for photos that will be asked for again.

    Raises:
        DomainError: ``rendition_missing``, where a photo that cannot be read is looked at.
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(self, *, sha256s: Sequence[str], size: int, is_kept: bool = False) -> None:
        self.shape = (len(sha256s), size, size, 3)
        self._pixels = np.empty(self.shape, np.uint8)
        self._sha256s = list(sha256s)
        missing = pixel_cache(size).fill(self._pixels, sha256s)
        self._decoders = _decoders()
        self._decoded: list[Future[None] | None] = [None] * len(sha256s)
        for row in missing:
            self._decoded[row] = self._decoders.submit(self._decode, row)
        # The last in the queue: all others are decoded by then, or being decoded by the other threads.
        self._kept = self._decoders.submit(self._keep, missing) if is_kept and missing else None

    def __enter__(self) -> Pixels:
        return cast("Pixels", self)  # to whoever looks at it, it is the array it stands for

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._kept is not None:
            self._kept.result()
        self._decoders.shutdown(cancel_futures=True)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Pixels:
        for photo in self._decoded[key] if isinstance(key, slice) else self._decoded:
            if photo is not None:
                photo.result()
        found: Pixels = self._pixels[key]
        return found

    def __iter__(self) -> Iterator[Pixels]:
        for row, photo in enumerate(self._decoded):
            if photo is not None:
                photo.result()
            yield self._pixels[row]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Pixels:  # noqa: FBT001 - NumPy's signature
        return np.array(self[:], dtype=dtype, copy=copy)

    def _decode(self, row: int) -> None:
        self._pixels[row] = _square(self._sha256s[row], self.shape[1])

    def _keep(self, rows: Sequence[int]) -> None:
        decoded = [row for row in rows if (photo := self._decoded[row]) is not None and photo.exception() is None]
        pixel_cache(self.shape[1]).keep(self._pixels[decoded], [self._sha256s[row] for row in decoded])


def photos_memmap(
    *, sha256s: Sequence[str], size: int, should_stop: Callable[[], bool] = lambda: False
) -> Pixels | None:
    """Decode photos into a memory-mapped file that later runs on the same photos find ready.

    The file is named by the hash of the photos and the size, and renamed into place when complete: a run that was
    killed while it decoded leaves a ``.part`` that the next one overwrites.

    Returns:
        uint8 of shape (n, size, size, 3), read-only; None when ``should_stop`` answered true.

    Raises:
        DomainError: ``rendition_missing``.
    """
    digest = hashlib.sha256("\n".join([str(size), *sha256s]).encode()).hexdigest()[:32]
    path = work_folder("pixels") / f"{digest}.npy"
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            shape = (len(sha256s), size, size, 3)
            pixels = array_on_disk(part, shape)
            with _decoders() as decoders:
                for start in range(0, len(sha256s), DECODE_CHUNK):
                    if should_stop():
                        return None
                    _read_into(pixels, sha256s[start : start + DECODE_CHUNK], size, start, decoders)
            pixels.flush()
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    path.touch()
    return np.load(path, mmap_mode="r")


def photos_memmap_prune(*, keep: int = 3) -> None:
    """Delete all but the most recently used pixel files of this machine."""
    files = sorted(work_folder("pixels").glob("*.npy"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[keep:]:
        path.unlink(missing_ok=True)


def pixels_forget() -> int:
    """Delete what this machine decoded of photos that no project has any more.

    The files of trainings do not say whose squares they hold, so those that no run has used for a day go, too.

    Returns:
        How many files.
    """
    dropped = blocks_drop(work_folder("squares"), present=_present)
    for path in work_folder("pixels").glob("*.npy"):
        if time.time() - path.stat().st_mtime > UNUSED_SECONDS:
            path.unlink(missing_ok=True)
            dropped += 1
    return dropped


def _present(sha256s: Sequence[str]) -> set[str]:
    return set(Photo.objects.filter(sha256__in=sha256s).values_list("sha256", flat=True))


def pixel_cache(size: int) -> PixelCache:
    """What this machine decoded before, in squares of ``size``."""
    return _pixel_cache(work_folder("squares"), size)


_pixel_cache = cache(PixelCache)


def _decoders() -> ThreadPoolExecutor:
    """Threads suffice: Pillow decodes and storage reads outside the interpreter's lock."""
    return ThreadPoolExecutor(max_workers=min(16, os.cpu_count() or 1), thread_name_prefix="decode")


def _decode_into(pixels: Pixels, sha256s: Sequence[str], size: int, start: int, decoders: ThreadPoolExecutor) -> None:
    for row, square in enumerate(decoders.map(lambda sha256: _square(sha256, size), sha256s), start):
        pixels[row] = square


def _read_into(pixels: Pixels, sha256s: Sequence[str], size: int, start: int, decoders: ThreadPoolExecutor) -> None:
    """Fill rows from what scoring kept; what it did not is decoded."""
    rows = pixels[start : start + len(sha256s)]
    missing = pixel_cache(size).fill(rows, sha256s)
    for row, square in zip(missing, decoders.map(lambda row: _square(sha256s[row], size), missing), strict=True):
        rows[row] = square


def _square(sha256: str, size: int) -> Pixels:
    """The middle square of a photo, scaled; JPEG draft mode decodes at the nearest larger power-of-two fraction."""
    try:
        with default_storage.open(rendition_key(sha256, RENDITION)) as stream:
            content = stream.read()  # at once: Pillow asks for little pieces
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
            image.draft("RGB", (size, size))
            side = min(image.size)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            box = (left, top, left + side, top + side)
            colour = image if image.mode == "RGB" else image.convert("RGB")
            square = colour.resize((size, size), Image.Resampling.BILINEAR, box=box)
    except OSError as error:
        if is_passing(error):
            raise
        raise DomainError("rendition_missing", f"The model rendition of photo {sha256[:12]} cannot be read.") from error
    return np.asarray(square)
